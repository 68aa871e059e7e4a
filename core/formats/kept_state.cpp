#include <core/formats/kept_state.h>

#include <algorithm>
#include <map>
#include <set>

#include <core/base/message.h>
#include <core/formats/view_writes.h>
#include <core/graph/operands.h>
#include <core/graph/operators/operator.h>
#include <core/graph/state.h>

namespace lathe::formats {

namespace {

using graph::Node;
using graph::Operand;
using graph::ValueId;

bool readsAny(const Operand& operand, const std::set<ValueId>& values) {
    bool reads = false;
    graph::forEachValue(operand, [&](ValueId id) { reads = reads || values.contains(id); });
    return reads;
}

bool readsAny(const Node& node, const std::set<ValueId>& values) {
    const auto reads = [&](const Operand& operand) { return readsAny(operand, values); };
    return std::ranges::any_of(node.operands, reads) || std::ranges::any_of(node.blocks, [&](const graph::Block& block) {
               return std::ranges::any_of(block.outputs, reads) ||
                      std::ranges::any_of(block.nodes, [&](const Node& inner) { return readsAny(inner, values); });
           });
}

/// Of what was computed for nodes that are gone: nobody reads it any more.
void removeUnread(graph::Graph& graph, std::set<ValueId> values) {
    for (bool isDone = false; !isDone;) {
        const graph::UseIndex uses(graph);
        isDone = std::erase_if(graph.main.nodes, [&](const Node& node) {
                     const bool isUnread = !node.results.empty() && std::ranges::all_of(node.results, [&](ValueId result) {
                         return values.contains(result) && uses.uses(result).empty();
                     });
                     if (!isUnread || graph::hasSideEffects(node)) return false;
                     for (const Operand& operand : node.operands)
                         graph::forEachValue(operand, [&](ValueId id) { values.insert(id); });
                     return true;
                 }) == 0;
    }
}

/// Removes the state of this buffer and all that is computed of it, unless an output, another state or an effect depends on it.
void dropIfUnread(graph::Graph& graph, ValueId buffer) {
    std::set<ValueId> depending{buffer};
    std::set<std::string> nodes;
    for (const Node& node : graph.main.nodes) {
        if (!readsAny(node, depending)) continue;
        const bool isItsOwn = node.op == graph::keepState && node.operands[0] == Operand(buffer);
        if (!isItsOwn && graph::hasSideEffects(node)) return;
        depending.insert(node.results.begin(), node.results.end());
        nodes.insert(node.name);
    }
    if (std::ranges::any_of(graph.main.outputs, [&](const Operand& output) { return readsAny(output, depending); })) return;
    std::set<ValueId> read;
    std::erase_if(graph.main.nodes, [&](const Node& node) {
        if (!nodes.contains(node.name)) return false;
        for (const Operand& operand : node.operands)
            graph::forEachValue(operand, [&](ValueId id) { read.insert(id); });
        return true;
    });
    removeUnread(graph, std::move(read));
}

} // namespace

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
    for (const graph::State& state : graph::statesOf(graph))
        dropIfUnread(graph, state.value);
    return changes;
}

base::Message stateNote(const graph::Graph& graph) {
    std::string names;
    for (const graph::State& state : graph::statesOf(graph))
        names += (names.empty() ? "\"" : ", \"") + state.input + "\"";
    return {"file.keepsState", {{"names", names}}};
}

} // namespace lathe::formats
