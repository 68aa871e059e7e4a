#pragma once

#include <core/runtime/lowering/pattern.h>

namespace lathe::runtime {

/// A linear layer of bytes with integer weights (→ relu, relu6, clamp) (→ quantize): Int8Layer. A flatten(1) of an image in front of it is
/// taken in.
[[nodiscard]] Outcome lowerStaticLinear(LoweringContext& context, const graph::Node& node);

} // namespace lathe::runtime
