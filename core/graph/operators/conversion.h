#pragma once

#include <optional>

#include <core/graph/graph.h>

namespace lathe::graph {

/// The operands of "aten::to.dtype" that gives `value` as `dtype`. PyTorch numbers element types (c10::ScalarType).
[[nodiscard]] std::vector<Operand> conversionOperands(ValueId value, tensor::DType dtype);

/// The dtype that a node of "aten::to.dtype" gives; nothing of other nodes, and when it is not a constant or no dtype that Lathe has.
[[nodiscard]] std::optional<tensor::DType> conversionDtype(const Node& node);

/// Floating-point numbers of any width?
[[nodiscard]] bool isFloatingPoint(tensor::DType dtype);
/// float16 or bfloat16?
[[nodiscard]] bool isHalf(tensor::DType dtype);

/// Does the node convert a weight that is stored in half precision to float32?
[[nodiscard]] bool widensWeight(const Graph& graph, const Node& node);

} // namespace lathe::graph
