#pragma once

#include <core/runtime/lowering/pattern.h>

namespace lathe::runtime {

/// A layer with integer weights whose kernel chooses the range of its input itself, of the whole input or, in front of a linear layer, of
/// each row (choose_qparams → quantize → dequantize → layer): Int8Layer.
[[nodiscard]] Outcome lowerDynamicLayer(LoweringContext& context, const graph::Node& node);

} // namespace lathe::runtime
