#include <core/graph/recurrent_weights.h>

#include <core/graph/layer_weight.h>
#include <core/graph/operands.h>
#include <core/graph/operators/call.h>

namespace lathe::graph {

std::vector<ValueId> recurrentWeightsOf(const Graph& graph, const UseIndex& uses, const Node& node) {
    std::vector<ValueId> weights;
    if (channelRule(node.op) != ChannelRule::Recurs) return weights;
    forEachValue(Call(node).operand("params"), [&](ValueId id) {
        const Node* producer = uses.producer(id);
        if (producer != nullptr && restoresWeight(graph, *producer)) id = *mainInput(*producer);
        if (graph.value(id).kind == ValueKind::Weight) weights.push_back(id);
    });
    return weights;
}

} // namespace lathe::graph
