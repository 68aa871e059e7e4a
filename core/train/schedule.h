#pragma once

#include <cstdint>

#include <core/steps/training_settings.h>

namespace lathe::train {

/// The factor on the learning rate in step number `step` (from 0) of `steps`, as PyTorch's schedulers have it when they are asked in each
/// step: LambdaLR, MultiStepLR, CosineAnnealingLR down to 0, OneCycleLR. `warmUp`: share of the steps in which it rises linearly from 0,
/// the rest of the schedule then goes over what is left; of OneCycle its own rising part (0: 0.3).
[[nodiscard]] double scheduleFactor(steps::Schedule schedule, double warmUp, std::int64_t step, std::int64_t steps);

} // namespace lathe::train
