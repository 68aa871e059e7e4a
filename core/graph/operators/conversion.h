#pragma once

#include <core/graph/graph.h>

namespace lathe::graph {

/// The operands of "aten::to.dtype" that gives `value` as `dtype`. PyTorch numbers element types (c10::ScalarType).
[[nodiscard]] std::vector<Operand> conversionOperands(ValueId value, tensor::DType dtype);

/// Floating-point numbers of any width?
[[nodiscard]] bool isFloatingPoint(tensor::DType dtype);

} // namespace lathe::graph
