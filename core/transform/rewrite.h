#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <core/base/result.h>
#include <core/graph/graph.h>

namespace lathe::transform {

/// Small steps that several rules need to rewrite a graph.

/// "add" of "aten::add_.Tensor": without namespace, overload and the underscore of the form that works in place.
[[nodiscard]] std::string_view baseName(std::string_view op);

/// Gives a weight new content; dtype and shape of the value follow.
void setWeight(graph::Graph& graph, graph::ValueId weight, tensor::Tensor data);

/// The elements of a floating-point weight in row-major order. Rejected when the weight holds integers (it is quantized) or NaN or
/// infinity: every criterion and every scale would be meaningless.
[[nodiscard]] base::Result<std::vector<float>> finiteValues(const graph::Value& weight);

/// Removes nodes by name, in all blocks. Their results must be unused or made by another node by now; compact() drops them.
void eraseNodes(graph::Graph& graph, const std::set<std::string>& names);

/// A new node in the main block before the node at `position`, with `resultCount` fresh tensor results. The reference lives until the next
/// edit.
graph::Node& insertNode(graph::Graph& graph, std::size_t position, std::string op, const std::string& name,
                        std::vector<graph::Operand> operands, int resultCount = 1);

/// Position in the main block of the first node that reads the value (itself or in its blocks); the number of nodes when there is none.
[[nodiscard]] std::size_t firstUse(const graph::Graph& graph, graph::ValueId value);

} // namespace lathe::transform
