#include <core/formats/kept_state.h>

#include <map>

#include <core/formats/view_writes.h>
#include <core/graph/state.h>

namespace lathe::formats {

StateChanges makePureAroundState(graph::Graph& graph, bool writesWeights) {
    std::map<std::string, graph::ValueId> buffers;
    for (const graph::Node& node : graph.main.nodes) {
        if (node.op == graph::keepState) buffers.emplace(node.name, node.operands[0].value());
    }
    StateChanges changes = makeOperatorsPure(graph);
    makeViewWritesPure(graph, changes, writesWeights);
    // What read a buffer behind a write reads what was written: of these nodes only the second operand may.
    for (graph::Node& node : graph.main.nodes) {
        const auto found = node.op == graph::keepState ? buffers.find(node.name) : buffers.end();
        if (found == buffers.end()) continue;
        node.operands[0] = graph::Operand(found->second);
        changes.dropped.erase(found->second);
    }
    return changes;
}

std::string stateNote(const graph::Graph& graph) {
    std::string names;
    for (const graph::State& state : graph::statesOf(graph))
        names += (names.empty() ? "\"" : ", \"") + state.input + "\"";
    return "The model keeps state from call to call (" + names +
           "). Here each sample begins with the state in the file; exported models keep it as the original does.";
}

} // namespace lathe::formats
