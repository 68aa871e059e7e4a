#include <core/runtime/lowering/simulation.h>

#include <optional>
#include <vector>

#include <core/graph/operators/call.h>
#include <core/graph/operators/matrix.h>
#include <core/quantization/half.h>
#include <core/runtime/lowering/patterns/int8_layer.h>
#include <core/runtime/lowering/patterns/widened.h>

namespace lathe::runtime {

namespace {

using graph::Node;

/// The producers of a layer's input and weight, as far as they are quantization nodes.
struct LayerQuantization {
    const Node* input = nullptr;
    const Node* weight = nullptr;
};

LayerQuantization quantizationOf(const Node& node, const graph::UseIndex& uses) {
    const auto producer = [&](std::string_view role) -> const Node* {
        const auto value = graph::Call(node).value(role);
        const Node* made = value ? uses.producer(*value) : nullptr;
        return made && (graph::isDequantize(made->op) || made->op == op::dequantizeBytes || made->op == op::dequantizedWeight) ? made
                                                                                                                               : nullptr;
    };
    return {producer("input"), producer("weight")};
}

/// The half precision that a layer or a product reads and does not multiply in, since it is still a node of its own.
std::optional<tensor::DType> roundedFactor(const Node& node, const graph::UseIndex& uses) {
    std::vector<std::string_view> roles = graph::factorRoles(node);
    if (graph::isWeighted(node.op)) roles = {"input"};
    for (const std::string_view role : roles) {
        const auto value = graph::Call(node).value(role);
        if (const auto rounding = value ? quantization::matchHalfRounding(uses, *value) : std::nullopt) return rounding->dtype;
    }
    return std::nullopt;
}

bool isQdq(std::string_view op) { return graph::isOfFamily(op, graph::Family::Quantization); }

} // namespace

Lowered keepSimulated(const graph::Graph& graph, const base::Message& reason) {
    Lowered lowered;
    lowered.graph = graph;
    const graph::UseIndex uses(graph);
    graph::forEachNode(graph, [&](const Node& node) {
        const LayerQuantization quantization = quantizationOf(node, uses);
        const bool isQuantizedLayer = graph::isWeighted(node.op) && (quantization.input || quantization.weight);
        if (isQuantizedLayer || isQdq(node.op) || roundedFactor(node, uses))
            lowered.nodes[node.name] = {node.op, {node.name}, reason, true, {}};
    });
    return lowered;
}

void explainSimulated(Lowered& lowered, const std::unordered_map<std::string, base::Message>& refusals) {
    const graph::UseIndex uses(lowered.graph);
    graph::forEachNode(lowered.graph, [&](const Node& node) {
        if (isQdq(node.op)) {
            lowered.nodes[node.name] = {node.op, {node.name}, base::Message("kernel.noneTakesValue", {}), true, {}};
            return;
        }
        if (const auto half = roundedFactor(node, uses)) {
            lowered.nodes[node.name] = {node.op, {node.name}, whyMultipliedAsFloat(*half), true, {}};
            return;
        }
        if (!graph::isWeighted(node.op)) return;
        const LayerQuantization quantization = quantizationOf(node, uses);
        if (!quantization.input && !quantization.weight) return;
        const auto refusal = refusals.find(node.name);
        base::Message reason;
        if (!quantization.input)
            reason = base::Message("kernel.weightsOnly", {});
        else if (!quantization.weight)
            reason = base::Message("kernel.weightsAreFloat", {});
        else if (!isInt8Candidate(node))
            reason = base::Message("kernel.noneForOperator", {{"operator", node.op}});
        else if (refusal == refusals.end())
            reason = base::Message("kernel.otherForm", {});
        else
            reason = base::Message("kernel.refusedLayer", {{"reason", refusal->second}});
        lowered.nodes[node.name] = {node.op, {node.name}, std::move(reason), quantization.input != nullptr, {}};
    });
}

} // namespace lathe::runtime
