#pragma once

#include <vector>

#include <core/graph/graph.h>

namespace lathe::graph {

/// Calls `visit` with every value id in an operand, lists included; with a reference to it where the operand may change.
template<class OperandType, class Visit>
void forEachValue(OperandType& operand, const Visit& visit) {
    if (auto* id = std::get_if<ValueId>(&operand.content)) {
        visit(*id);
    } else if (auto* list = std::get_if<std::vector<Operand>>(&operand.content)) {
        for (auto& element : *list)
            forEachValue(element, visit);
    }
}

/// The data of the Weight value that an operand is; null when it is something else. Lives as long as the graph.
[[nodiscard]] inline const tensor::Tensor* weightData(const Graph& graph, const Operand& operand) {
    if (!operand.isValue()) return nullptr;
    const Value& value = graph.value(operand.value());
    return value.kind == ValueKind::Weight ? &value.data : nullptr;
}

} // namespace lathe::graph
