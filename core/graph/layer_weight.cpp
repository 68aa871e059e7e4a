#include <core/graph/layer_weight.h>

#include <core/graph/operators/conversion.h>
#include <core/graph/operators/lookup.h>
#include <core/graph/operators/names.h>

namespace lathe::graph {

namespace {

std::optional<WeightInfo> weightAt(const Graph& graph, const UseIndex& uses, const Operand& operand) {
    if (!operand.isValue()) return std::nullopt;
    WeightInfo info;
    info.weight = operand.value();
    const Node* producer = uses.producer(info.weight);
    if (producer != nullptr && producer->op == op::lookup) {
        const Lookup lookup(*producer);
        const auto indices = lookup.indices();
        const auto shape = lookup.shape();
        if (!indices || !shape) return std::nullopt;
        info.lookup = producer;
        info.weight = *indices;
        info.shape = *shape;
    } else if (producer != nullptr && restoresWeight(graph, *producer)) {
        info.dequantize = producer;
        info.weight = *mainInput(*producer);
    }
    const Value& weight = graph.value(info.weight);
    if (weight.kind != ValueKind::Weight) return std::nullopt;
    if (info.lookup == nullptr) info.shape = weight.data.shape();
    return info;
}

std::optional<WeightInfo> weightOfLayer(const Graph& graph, const UseIndex& uses, const Node& node) {
    const Call layer(node);
    if (!isWeighted(node.op) || !layer.has("bias")) return std::nullopt;
    auto info = weightAt(graph, uses, layer.operand("weight"));
    if (!info) return std::nullopt;
    if (const auto bias = layer.value("bias"); bias && graph.value(*bias).kind == ValueKind::Weight) info->bias = bias;
    return info;
}

} // namespace

bool restoresWeight(const Graph& graph, const Node& node) {
    const auto stored = isDequantize(node.op) ? mainInput(node) : std::nullopt;
    return (stored && graph.value(*stored).kind == ValueKind::Weight) || widensWeight(graph, node);
}

std::optional<WeightInfo> weightOf(const Graph& graph, const UseIndex& uses, const Node& node) {
    auto info = weightOfLayer(graph, uses, node);
    return info && info->lookup == nullptr ? info : std::nullopt;
}

std::optional<WeightInfo> layerWeightOf(const Graph& graph, const UseIndex& uses, const Node& node) {
    if (node.op == op::embedding && !node.operands.empty()) return weightAt(graph, uses, Call(node).operand("weight"));
    return weightOfLayer(graph, uses, node);
}

} // namespace lathe::graph
