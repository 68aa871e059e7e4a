#include <core/steps/left_out.h>

#include <algorithm>

#include <core/graph/operands.h>
#include <core/graph/operators/conversion.h>
#include <core/graph/operators/lookup.h>
#include <core/graph/operators/names.h>
#include <core/graph/operators/operator.h>

namespace lathe::steps {

namespace {

bool isReached(const graph::Node& node, Reaches reaches) {
    if (graph::isWeighted(node.op) || node.op == graph::op::lookup) return true; // which is a part of its layer
    if (reaches != Reaches::Layers && node.op == graph::op::embedding) return true;
    return reaches == Reaches::Stored && graph::isOfFamily(node.op, graph::Family::Recurrent);
}

/// Elements of the float matrices that the node reads; vectors are scales and biases, which nobody quantizes or prunes.
std::int64_t matrixElements(const graph::Graph& graph, const graph::Node& node) {
    constexpr std::int64_t fewest = 16; // a smaller one is a constant of the computation
    std::int64_t sum = 0;
    for (const graph::Operand& operand : node.operands) {
        graph::forEachValue(operand, [&](graph::ValueId id) {
            const graph::Value& value = graph.value(id);
            if (value.kind != graph::ValueKind::Weight || !value.isParameter || !graph::isFloatingPoint(value.data.dtype())) return;
            const auto larger = std::ranges::count_if(value.data.shape(), [](std::int64_t size) { return size > 1; });
            if (larger >= 2 && value.data.elementCount() >= fewest) sum += value.data.elementCount();
        });
    }
    return sum;
}

} // namespace

void noteOtherWeights(StepOutcome& outcome, Reaches reaches, const char* code, const std::set<std::string>& changed) {
    graph::forEachNode(std::as_const(outcome.graph), [&](const graph::Node& node) {
        if (isReached(node, reaches) || changed.contains(node.name)) return;
        if (const std::int64_t weights = matrixElements(outcome.graph, node); weights > 0)
            outcome.note(node.name, base::Message(code, {{"layer", node.name}, {"op", node.op}, {"weights", weights}}));
    });
}

} // namespace lathe::steps
