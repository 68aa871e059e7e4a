#include <core/formats/evaluation_mode.h>

#include <algorithm>

#include <core/graph/operators/call.h>

namespace lathe::formats {

namespace {

using graph::Literal;
using graph::Node;
using graph::Operand;

/// Batch norm without running statistics always takes those of the batch.
bool isFixed(const graph::Call& call) { return call.has("running_mean") && call.operand("running_mean").isNone(); }

/// num_batches_tracked += 1
bool isCounter(const graph::Graph& graph, const Node& node) {
    const auto input = graph::mainInput(node);
    return node.op.starts_with("aten::add") && input && graph.value(*input).name.ends_with("num_batches_tracked");
}

} // namespace

void switchToEvaluation(graph::Graph& graph) {
    graph::forEachNode(graph, [](Node& node) {
        const graph::Call call(node);
        if (call.op() == nullptr || call.op()->training.empty() || isFixed(call)) return;
        if (call.flag(call.op()->training) == true) graph::setOperand(node, call.op()->training, Operand(Literal(false)));
    });
    const graph::UseIndex uses(graph);
    std::erase_if(graph.main.nodes, [&](const Node& node) {
        return isCounter(graph, node) && std::ranges::all_of(node.results, [&](graph::ValueId id) { return uses.uses(id).empty(); });
    });
}

} // namespace lathe::formats
