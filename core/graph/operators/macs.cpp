#include <core/graph/operators/macs.h>

#include <core/graph/batch_axis.h>
#include <core/graph/operators/operator.h>

namespace lathe::graph {

namespace {

/// The name of a free batch of the model's first input: the dimension that is called so, else the first; empty when there is none.
std::string_view nameOfBatch(const Graph& graph) {
    if (graph.main.inputs.empty()) return {};
    const auto& shape = graph.value(graph.main.inputs.front()).shape;
    if (!shape || shape->empty()) return {};
    const Dim& batch = (*shape)[namedBatchAxis(*shape).value_or(0)];
    return batch.size < 0 ? std::string_view(batch.symbol) : std::string_view();
}

} // namespace

std::optional<tensor::Shape> countedShape(const Graph& graph, const Operand& operand) {
    if (!operand.isValue()) return std::nullopt;
    Value value;
    value.shape = graph.value(operand.value()).shape;
    if (const std::string_view batch = nameOfBatch(graph); value.shape && !batch.empty()) {
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
