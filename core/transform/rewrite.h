#pragma once

#include <string>
#include <vector>

#include <core/base/result.h>
#include <core/graph/graph.h>

namespace lathe::transform {

/// Small steps that several rules need to rewrite a graph; nodes are inserted, changed and erased by graph::Editor.

/// Gives a weight new content; dtype and shape of the value follow.
void setWeight(graph::Graph& graph, graph::ValueId weight, tensor::Tensor data);
/// Gives a weight other numbers, as many as it has, in its shape and dtype.
void setNumbers(graph::Graph& graph, graph::ValueId weight, const std::vector<float>& numbers);

/// The elements of a floating-point weight in row-major order. Rejected when the weight holds integers (it is quantized) or NaN or
/// infinity: every criterion and every scale would be meaningless.
[[nodiscard]] base::Result<std::vector<float>> finiteValues(const graph::Value& weight);

} // namespace lathe::transform
