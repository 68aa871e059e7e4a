#pragma once

#include <core/runtime/lowering/pattern.h>

namespace lathe::runtime {

/// A sum of two values of the same sizes: the layer whose float result goes nowhere else adds the other value itself. Int8Layer.
[[nodiscard]] Outcome lowerResidualAddition(LoweringContext& context, const graph::Node& node);

} // namespace lathe::runtime
