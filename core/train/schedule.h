#pragma once

#include <core/train/finetune.h>

namespace lathe::train {

/// The factor on the learning rate when `progress` of all steps (0 ≤ progress < 1) are done.
[[nodiscard]] double scheduleFactor(Schedule schedule, double progress);

} // namespace lathe::train
