#pragma once

#include <optional>
#include <string>
#include <vector>

#include <core/graph/graph.h>

namespace lathe::formats::onnx {

/// The result of an operator whose operands are all weights and literals: what exporters write as a chain of nodes (transposed weights,
/// shapes) becomes one weight. Nothing when an operand is computed, the operator is not among those that cannot grow beyond their operands,
/// the operands are large and the operator does more than move them, or the operator refuses.
[[nodiscard]] std::optional<tensor::Tensor> fold(const graph::Graph& graph, const std::string& op,
                                                 const std::vector<graph::Operand>& operands);

} // namespace lathe::formats::onnx
