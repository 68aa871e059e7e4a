#include <core/graph/state.h>

#include <algorithm>

#include <core/graph/operators/call.h>

namespace lathe::graph {

std::vector<State> statesOf(const Graph& graph) {
    std::vector<State> states;
    for (const Node& node : graph.main.nodes) {
        const Call call(node);
        const auto buffer = call.value("state"), next = call.value("next");
        if (node.op != keepState || !buffer || !next) continue;
        State state{.value = *buffer, .next = *next, .input = {}, .output = {}, .data = {}};
        state.input = graph.value(*buffer).name;
        state.output = graph.freeValueName(state.input + "_next");
        state.data = graph.value(*buffer).data;
        states.push_back(std::move(state));
    }
    return states;
}

Graph withStateOutside(const Graph& graph) {
    const std::vector<State> states = statesOf(graph);
    Graph outside = graph;
    std::erase_if(outside.main.nodes, [](const Node& node) { return node.op == keepState; });
    for (const State& state : states) {
        Value& value = outside.value(state.value);
        value.kind = ValueKind::Input;
        value.data = {};
        value.isParameter = false;
        outside.main.inputs.push_back(state.value);
        outside.main.outputs.emplace_back(state.next);
    }
    return outside;
}

} // namespace lathe::graph
