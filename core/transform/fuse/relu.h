#pragma once

#include <string_view>

#include <core/graph/graph.h>

namespace lathe::transform {

/// Replaces `layerOp` followed by relu by `fusedOp`: the layer's operands, the relu's result, the layer's name. Only where nothing but the
/// relu reads the layer's result. What conv_relu and linear_relu have in common. Returns the number of relus that went.
[[nodiscard]] int fuseRelu(graph::Graph& graph, std::string_view layerOp, std::string_view fusedOp);

} // namespace lathe::transform
