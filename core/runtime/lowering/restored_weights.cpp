#include <core/runtime/lowering/restored_weights.h>

#include <algorithm>
#include <unordered_set>

#include <core/graph/operators/call.h>
#include <core/graph/operators/conversion.h>
#include <core/graph/operators/lookup.h>
#include <core/quantization/shared_weight.h>

namespace lathe::runtime {

namespace {

/// Is it a node that makes a weight of what is stored in fewer bits?
bool restores(const graph::Graph& graph, const graph::Node& node) {
    return node.op == graph::op::lookup || graph::widensWeight(graph, node);
}

/// The weight that such a node makes.
std::optional<tensor::Tensor> restoredWeight(const graph::Graph& graph, const graph::Node& node) {
    if (graph::widensWeight(graph, node)) return graph.value(*graph::mainInput(node)).data.to(tensor::DType::Float32);
    const auto shared = node.op == graph::op::lookup ? quantization::sharedWeightOf(graph, node) : std::nullopt;
    return shared ? std::optional(quantization::restored(*shared)) : std::nullopt;
}

void restoreIn(graph::Block& block, graph::Graph& graph) {
    std::erase_if(block.nodes, [&](const graph::Node& node) {
        auto data = restoredWeight(graph, node);
        if (!data) return false;
        graph::Value& value = graph.value(node.results.front());
        value.kind = graph::ValueKind::Weight;
        value.data = std::move(*data);
        value.dtype = value.data.dtype();
        value.shape = graph::dims(value.data.shape());
        return true;
    });
    for (graph::Node& node : block.nodes) {
        for (graph::Block& inner : node.blocks)
            restoreIn(inner, graph);
    }
}

bool hasStored(const graph::Graph& graph) {
    bool found = false;
    graph::forEachNode(graph, [&](const graph::Node& node) { found = found || restores(graph, node); });
    return found;
}

} // namespace

std::optional<graph::Graph> withRestoredWeights(const graph::Graph& graph) {
    if (!hasStored(graph)) return std::nullopt;
    graph::Graph restored = graph;
    restoreIn(restored.main, restored);
    return restored;
}

void noteRestoredWeights(Lowered& lowered, const graph::Graph& original) {
    std::unordered_set<std::string_view> there;
    graph::forEachNode(std::as_const(lowered.graph), [&](const graph::Node& node) { there.insert(node.name); });
    const graph::UseIndex uses(original);
    graph::forEachNode(original, [&](const graph::Node& node) {
        if (!restores(original, node) || there.contains(node.name)) return;
        for (const graph::UseIndex::Use& use : uses.uses(node.results.front())) {
            if (use.node == nullptr || !there.contains(use.node->name)) continue;
            const auto [layer, isNew] = lowered.nodes.try_emplace(use.node->name);
            if (isNew) layer->second = {use.node->op, {use.node->name}, base::Message("kernel.restoredOnce", {}), false, {}};
            if (layer->second.reason.empty()) layer->second.reason = base::Message("kernel.restoredOnce", {});
            layer->second.covers.insert(layer->second.covers.begin(), node.name);
        }
    });
}

} // namespace lathe::runtime
