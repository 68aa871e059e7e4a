#pragma once

#include <vector>

#include <core/graph/graph.h>

namespace lathe::graph {

/// The stored matrices and biases of a recurrent layer (aten::lstm.input and its like) in their order, as they are stored: integers where
/// they are quantized. Empty: another node, or all of them are computed.
[[nodiscard]] std::vector<ValueId> recurrentWeightsOf(const Graph& graph, const UseIndex& uses, const Node& node);

} // namespace lathe::graph
