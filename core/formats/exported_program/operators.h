#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <core/graph/graph.h>

namespace lathe::formats {

/// The operator that a node of an exported program calls, as the IR names it: "aten::conv2d" of "torch.ops.aten.conv2d.default",
/// "aten::add.Tensor" of "torch.ops.aten.add.Tensor", "higher_order::while_loop" of "torch.ops.higher_order.while_loop". Arithmetic on
/// sizes, which export writes as Python functions ("_operator.mul"), gets the operator that TorchScript has for it ("aten::mul.int");
/// which one may depend on the kinds of its operands. Anything else keeps its name.
[[nodiscard]] std::string operatorName(std::string_view target, const std::vector<graph::TypeKind>& operandKinds);

/// The other way round: "torch.ops.aten.conv2d.default" of "aten::conv2d", "_operator.mul" of "aten::mul.int"; nothing for operators that
/// only TorchScript has.
[[nodiscard]] std::optional<std::string> targetName(std::string_view op);

/// Checks that raise an exception or only tell the compiler something, and have no result that is used.
[[nodiscard]] bool isOnlyCheck(std::string_view target);

} // namespace lathe::formats
