#pragma once

#include <core/runtime/lowering/pattern.h>

namespace lathe::runtime {

/// Operators that only move or compare values (max_pool2d, flatten, permute, …) run on the bytes of their input; averages do where the
/// result is quantized on the same grid. No payload: the node tells all.
[[nodiscard]] Outcome lowerByteOperator(LoweringContext& context, const graph::Node& node);

} // namespace lathe::runtime
