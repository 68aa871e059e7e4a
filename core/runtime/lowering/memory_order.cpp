#include <core/runtime/lowering/memory_order.h>

#include <algorithm>
#include <vector>

#include <core/graph/operators/call.h>
#include <core/runtime/lowering/lower.h>
#include <core/runtime/lowering/patterns/dequantized.h>
#include <core/runtime/lowering/patterns/int8_layer.h>
#include <core/runtime/lowering/patterns/quantized.h>

namespace lathe::runtime {

std::vector<bool> channelsLastValues(const graph::Graph& graph, bool throughConvolutions) {
    const graph::UseIndex uses(graph);
    std::vector<bool> may(graph.values.size(), true);
    const auto mindsNot = [&](const graph::UseIndex::Use& use) {
        if (!use.node) return false;
        const graph::Node& reader = *use.node;
        const graph::Operator* known = graph::findOperator(reader.op);
        if (reader.op == op::quantizeBytes || (reader.op == op::int8Layer && graph::isRole(reader, use.operand, "residual"))) return true;
        if (known != nullptr && known->endsChannelsLast != nullptr && known->endsChannelsLast(reader)) return true;
        if (throughConvolutions && reader.op == op::floatConvolution) return true;
        const bool isImage = throughConvolutions && graph::isConvolution(reader.op) && graph::isRole(reader, use.operand, "input");
        if (known == nullptr || (known->order != graph::MemoryOrder::Keeps && !isImage)) return false;
        return std::ranges::all_of(reader.results, [&](graph::ValueId result) { return may[static_cast<std::size_t>(result)]; });
    };
    std::vector<const graph::Node*> nodes;
    graph::forEachNode(graph, [&](const graph::Node& node) { nodes.push_back(&node); });
    // From the end to the start: the readers of a value are judged before it.
    for (auto node = nodes.rbegin(); node != nodes.rend(); ++node) {
        for (const graph::ValueId result : (*node)->results)
            may[static_cast<std::size_t>(result)] = std::ranges::all_of(uses.uses(result), mindsNot);
    }
    for (std::size_t id = 0; id < may.size(); ++id) {
        const auto value = static_cast<graph::ValueId>(id);
        if (uses.producer(value) == nullptr) may[id] = std::ranges::all_of(uses.uses(value), mindsNot);
    }
    return may;
}

void keepChannelsLast(Lowered& lowered) {
    const std::vector<bool> mayBeChannelsLast = channelsLastValues(lowered.graph);
    const graph::UseIndex uses(lowered.graph);
    const auto isOfConvolution = [&](const graph::UseIndex::Use& use) {
        if (use.node == nullptr || use.node->op != op::int8Layer || !graph::isRole(*use.node, use.operand, "input")) return false;
        const auto* layer = lowered.payload<Int8Layer>(*use.node);
        return layer != nullptr && layer->isConvolution;
    };
    for (const graph::Node& node : lowered.graph.main.nodes) {
        const auto known = lowered.nodes.find(node.name);
        if (known == lowered.nodes.end() || node.results.size() != 1) continue;
        const bool may = mayBeChannelsLast[static_cast<std::size_t>(node.results[0])];
        if (auto* layer = std::any_cast<Int8Layer>(&known->second.payload); layer && !layer->output)
            layer->keepsChannelsLast = may;
        else if (auto* quantized = std::any_cast<Quantized>(&known->second.payload))
            quantized->makesChannelsLast = std::ranges::all_of(uses.uses(node.results[0]), isOfConvolution);
        else if (auto* dequantized = std::any_cast<Dequantized>(&known->second.payload))
            dequantized->keepsChannelsLast = may;
    }
}

} // namespace lathe::runtime
