#include <core/graph/layer_weight.h>

#include <core/graph/operators/call.h>
#include <core/graph/operators/names.h>

namespace lathe::graph {

namespace {

std::optional<WeightInfo> weightAt(const Graph& graph, const UseIndex& uses, const Operand& operand) {
    if (!operand.isValue()) return std::nullopt;
    WeightInfo info;
    info.weight = operand.value();
    const Node* producer = uses.producer(info.weight);
    if (const auto integers = producer != nullptr && isDequantize(producer->op) ? mainInput(*producer) : std::nullopt) {
        info.dequantize = producer;
        info.weight = *integers;
    }
    if (graph.value(info.weight).kind != ValueKind::Weight) return std::nullopt;
    return info;
}

} // namespace

std::optional<WeightInfo> weightOf(const Graph& graph, const UseIndex& uses, const Node& node) {
    const Call layer(node);
    if (!isWeighted(node.op) || !layer.has("bias")) return std::nullopt;
    auto info = weightAt(graph, uses, layer.operand("weight"));
    if (!info) return std::nullopt;
    if (const auto bias = layer.value("bias"); bias && graph.value(*bias).kind == ValueKind::Weight) info->bias = bias;
    return info;
}

std::optional<WeightInfo> layerWeightOf(const Graph& graph, const UseIndex& uses, const Node& node) {
    if (node.op == op::embedding && !node.operands.empty()) return weightAt(graph, uses, Call(node).operand("weight"));
    return weightOf(graph, uses, node);
}

} // namespace lathe::graph
