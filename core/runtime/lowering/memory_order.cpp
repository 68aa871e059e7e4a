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

bool mayBeChannelsLast(const graph::UseIndex& uses, graph::ValueId value) {
    std::vector<graph::ValueId> seen = {value};
    for (std::size_t index = 0; index < seen.size(); ++index) {
        for (const graph::UseIndex::Use& use : uses.uses(seen[index])) {
            if (!use.node) return false;
            const graph::Node& reader = *use.node;
            if (reader.op == op::quantizeBytes || (reader.op == op::int8Layer && use.operand == 1) || endsOrder(reader)) continue;
            if (std::ranges::find(orderKeeping, reader.op) == orderKeeping.end()) return false;
            for (const graph::ValueId result : reader.results) {
                if (std::ranges::find(seen, result) == seen.end()) seen.push_back(result);
            }
        }
    }
    return true;
}

} // namespace lathe::runtime
