#include <core/graph/operators/linear.h>

#include <algorithm>

#include <core/graph/operators/macs.h>
#include <core/graph/operators/names.h>
#include <core/graph/operators/rows.h>

namespace lathe::graph {

namespace {

std::optional<std::int64_t> linearMacs(const Graph& graph, const Node& node) {
    const auto output = node.results.empty() ? std::nullopt : countedShape(graph, node.results.front());
    const auto weight = countedShape(graph, Linear(node).weight());
    if (!output || !weight || weight->empty()) return std::nullopt;
    return tensor::elementCount(*output) * (tensor::elementCount(*weight) / std::max<std::int64_t>(weight->front(), 1));
}

constexpr OperatorRow rows[] = {
    {"aten::linear(Tensor input, Tensor weight, Tensor? bias=None) -> Tensor",
     {.channels = ChannelRule::Multiplies, .macs = linearMacs, .weights = {"weight", "bias"}}},
    {"lathe::linear_relu(Tensor input, Tensor weight, Tensor? bias=None) -> Tensor",
     {.channels = ChannelRule::Multiplies, .macs = linearMacs, .weights = {"weight", "bias"}, .unfused = op::linear}},
};

} // namespace

FamilyRows linearRows() { return {Family::Linear, rows}; }

} // namespace lathe::graph
