#include <core/graph/operators/macs.h>

#include <core/graph/operators/operator.h>

namespace lathe::graph {

namespace {

/// The name of a free first dimension of the model's first input; empty when there is none.
std::string_view batchSymbol(const Graph& graph) {
    if (graph.main.inputs.empty()) return {};
    const auto& shape = graph.value(graph.main.inputs.front()).shape;
    return shape && !shape->empty() && shape->front().size < 0 ? std::string_view(shape->front().symbol) : std::string_view();
}

} // namespace

std::optional<tensor::Shape> countedShape(const Graph& graph, const Operand& operand) {
    if (!operand.isValue()) return std::nullopt;
    Value value;
    value.shape = graph.value(operand.value()).shape;
    if (const std::string_view batch = batchSymbol(graph); value.shape && !batch.empty()) {
        for (Dim& dim : *value.shape) {
            if (dim.size < 0 && dim.symbol == batch) dim = {1, ""};
        }
    }
    return staticShape(value);
}

std::optional<std::int64_t> macs(const Graph& graph, const Node& node) {
    const Operator* known = findOperator(node.op);
    if (known == nullptr || known->macs == nullptr) return 0;
    return known->macs(graph, node);
}

} // namespace lathe::graph
