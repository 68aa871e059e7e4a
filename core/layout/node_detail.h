#pragma once

#include <string>
#include <string_view>

#include <core/graph/graph.h>

namespace lathe::layout {

/// An operator as people say it: "aten::add.Tensor" → "add", "lathe::conv2d_relu" → "conv2d + relu".
[[nodiscard]] std::string shortOp(std::string_view op);

/// Between the parts of a node's detail.
inline constexpr std::string_view detailSeparator = " · ";

/// The second line of a drawn node: the operator and what is worth knowing of its arguments, "conv2d + relu · 5x5 · 6→16 · stride 2". Parts
/// in words are sentences of the table of messages.
[[nodiscard]] std::string nodeDetail(const graph::Graph& graph, const graph::UseIndex& uses, const graph::Node& node);

/// "1x6x28x28"; symbolic dimensions by their symbol, unknown ones "?"; "" when the shape is unknown.
[[nodiscard]] std::string shapeText(const graph::Value& value);
/// "float32"; "" when unknown.
[[nodiscard]] std::string dtypeText(const graph::Value& value);

} // namespace lathe::layout
