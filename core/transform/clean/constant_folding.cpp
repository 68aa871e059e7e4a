#include <core/transform/clean/constant_folding.h>

#include <algorithm>
#include <set>

#include <core/graph/editor.h>
#include <core/graph/operands.h>
#include <core/graph/operator_name.h>
#include <core/graph/operators/conversion.h>
#include <core/graph/operators/operator.h>
#include <core/transform/rewrite.h>

namespace lathe::transform {

namespace {

using graph::Graph;
using graph::Node;
using graph::ValueId;

constexpr std::int64_t alwaysSmallBytes = 1 << 20;

std::vector<ValueId> operandValues(const Node& node) {
    std::vector<ValueId> ids;
    for (const graph::Operand& operand : node.operands)
        forEachValue(operand, [&](ValueId id) { ids.push_back(id); });
    return ids;
}

/// Values that some node may write into.
std::set<ValueId> changedValues(const Graph& graph) {
    std::set<ValueId> changed;
    graph::forEachNode(graph, [&](const Node& node) {
        if (!hasSideEffects(node)) return;
        for (const ValueId id : operandValues(node))
            changed.insert(id);
    });
    return changed;
}

bool isFoldable(const Graph& graph, const Node& node, const std::set<ValueId>& changed) {
    if (hasSideEffects(node) || graph::isRandom(node.op) || graph::isQuantize(node.op) || graph::isDequantize(node.op)) return false;
    if (graph::widensWeight(graph, node)) return false; // stored in half on purpose
    if (graph::libraryName(node.op) != "aten" || !node.blocks.empty() || node.results.empty()) return false;
    const auto isFixed = [&](ValueId id) { return graph.value(id).kind == graph::ValueKind::Weight && !changed.contains(id); };
    const auto isFixedTensor = [&](ValueId id) { return graph.value(id).type == graph::TypeKind::Tensor && !changed.contains(id); };
    return std::ranges::all_of(operandValues(node), isFixed) && std::ranges::all_of(node.results, isFixedTensor);
}

} // namespace

FoldedConstants foldConstants(Graph& graph, const Evaluate& evaluate, const base::Job& job) {
    const std::set<ValueId> changed = changedValues(graph);
    FoldedConstants folded;
    graph::Editor editor(graph);
    // Nodes are in execution order: a folded result is a weight by the time its readers are looked at.
    for (Node& node : graph.main.nodes) {
        if (job.isCancelled()) break;
        if (!isFoldable(graph, node, changed)) continue;
        const auto results = evaluate(graph, node);
        if (!results) {
            folded.failures.emplace(node.name, results.error().message.text());
            continue;
        }
        if (results->size() != node.results.size()) continue;

        std::int64_t bytesBefore = 0, bytesAfter = 0;
        bool isParameter = false;
        for (const ValueId id : operandValues(node)) {
            bytesBefore += graph.value(id).data.byteCount();
            isParameter = isParameter || graph.value(id).isParameter;
        }
        for (const tensor::Tensor& result : *results)
            bytesAfter += result.byteCount();
        if (bytesAfter > std::max(bytesBefore, alwaysSmallBytes)) continue;

        for (std::size_t i = 0; i < results->size(); ++i) {
            graph::Value& value = graph.value(node.results[i]);
            value.kind = graph::ValueKind::Weight;
            value.isParameter = isParameter;
            setWeight(graph, node.results[i], (*results)[i]);
        }
        editor.erase(node);
        ++folded.nodes;
    }
    editor.finish();
    graph::compact(graph);
    return folded;
}

} // namespace lathe::transform
