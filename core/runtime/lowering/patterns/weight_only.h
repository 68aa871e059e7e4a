#pragma once

#include <core/runtime/lowering/pattern.h>

namespace lathe::runtime {

/// The payload.
struct RestoredWeight {
    graph::Node dequantize; ///< the node as it was
};

/// A dequantize node of an integer weight that no integer layer takes in: the weight is restored once, when the plan is made.
[[nodiscard]] Outcome lowerWeightOnly(LoweringContext& context, const graph::Node& node);

} // namespace lathe::runtime
