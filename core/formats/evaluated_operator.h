#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <core/graph/graph.h>

namespace lathe::formats {

/// The one result of an ATen operator whose operands are all weights and literals. Nothing when an operand is computed, when the tensors
/// among them have more elements than `mostElements` together, when the operator is not ATen's or does not give a tensor of a known type,
/// and when it refuses (which the model says when it runs).
[[nodiscard]] std::optional<tensor::Tensor> evaluatedOperator(const graph::Graph& graph, const std::string& op,
                                                              const std::vector<graph::Operand>& operands, std::int64_t mostElements);

} // namespace lathe::formats
