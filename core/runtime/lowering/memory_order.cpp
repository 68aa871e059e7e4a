#include <core/runtime/lowering/memory_order.h>

#include <algorithm>
#include <array>
#include <vector>

#include <core/runtime/lowering/lower.h>

namespace lathe::runtime {

namespace {

/// ATen operators whose results keep the order of their input and that are as fast in either.
constexpr std::array<std::string_view, 22> orderKeeping{
    "aten::add.Tensor", "aten::sub.Tensor", "aten::mul.Tensor", "aten::div.Tensor", "aten::relu",        "aten::relu6",
    "aten::hardtanh",   "aten::hardswish",  "aten::silu",       "aten::sigmoid",    "aten::hardsigmoid", "aten::gelu",
    "aten::tanh",       "aten::elu",        "aten::leaky_relu", "aten::clamp",      "aten::clamp_min",   "aten::batch_norm",
    "aten::cat",        "aten::max_pool2d", "aten::avg_pool2d", "aten::dropout"};

bool isLiteral(const graph::Node& node, std::size_t position, std::int64_t wanted) {
    return position < node.operands.size() && node.operands[position].literal<std::int64_t>() == wanted;
}

/// Is the result in the usual order whatever the order of the image, so that even a view of it is fine? A flatten from another dimension
/// on, and a mean over one of the two, only give the image's memory other sizes.
bool endsOrder(const graph::Node& node) {
    if (node.op == "aten::flatten.using_ints") return isLiteral(node, 1, 1) && isLiteral(node, 2, -1);
    const auto numbers = node.operands.size() > 1 ? node.operands[1].literal<std::vector<std::int64_t>>() : std::nullopt;
    if (!numbers || numbers->empty()) return false;
    if (node.op == "aten::adaptive_avg_pool2d") return std::ranges::all_of(*numbers, [](std::int64_t length) { return length == 1; });
    if (node.op != "aten::mean.dim" || numbers->size() != 2) return false;
    const auto [first, second] = std::ranges::minmax(*numbers);
    return (first == 2 && second == 3) || (first == -2 && second == -1);
}

} // namespace

std::vector<bool> channelsLastValues(const graph::Graph& graph) {
    const graph::UseIndex uses(graph);
    std::vector<bool> may(graph.values.size(), true);
    const auto mindsNot = [&](const graph::UseIndex::Use& use) {
        if (!use.node) return false;
        const graph::Node& reader = *use.node;
        if (reader.op == op::quantizeBytes || (reader.op == op::int8Layer && use.operand == 1) || endsOrder(reader)) return true;
        if (std::ranges::find(orderKeeping, reader.op) == orderKeeping.end()) return false;
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

} // namespace lathe::runtime
