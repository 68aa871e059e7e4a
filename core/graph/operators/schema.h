#pragma once

#include <core/graph/operators/operator.h>

namespace lathe::graph {

/// What a schema says in PyTorch's notation, "aten::relu_(Tensor(a!) self) -> Tensor(a!)".
struct Schema {
    std::string_view name;
    std::vector<OperandRole> operands;
    std::vector<char> resultAliases;
    bool isVariadic = false;
};

/// Views into `text`, which has to outlive them. Schemas stand in our source: a malformed one is a mistake there, and asserts.
[[nodiscard]] Schema parseSchema(std::string_view text);

} // namespace lathe::graph
