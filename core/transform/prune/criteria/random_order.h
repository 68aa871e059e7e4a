#pragma once

#include <core/transform/prune/criteria/criterion.h>

namespace lathe::transform {

/// Numbers that are always the same for one layer: the control that every other criterion must beat.
extern const Criterion randomOrder;

} // namespace lathe::transform
