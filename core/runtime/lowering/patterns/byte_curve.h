#pragma once

#include <core/graph/graph.h>
#include <core/runtime/lowering/pattern.h>
#include <core/runtime/lowering/qdq_nodes.h>

namespace lathe::runtime {

/// The payload of table_bytes nodes.
struct ByteCurve {
    graph::Node function; ///< the node as it was, on floats
    ActivationGrid input, output;
};

/// A function of one number (graph::Curve: silu, sigmoid, gelu, …) between bytes: a table has its 256 results.
[[nodiscard]] Outcome lowerByteCurve(LoweringContext& context, const graph::Node& node);

} // namespace lathe::runtime
