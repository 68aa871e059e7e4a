#pragma once

#include <core/runtime/lowering/pattern.h>

namespace lathe::runtime {

/// A conv2d of bytes with integer weights (→ relu, relu6, clamp) (→ quantize): Int8Layer.
[[nodiscard]] Outcome lowerStaticConvolution(LoweringContext& context, const graph::Node& node);

} // namespace lathe::runtime
