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
/// Operators that read any order and make something that is no image in that order any more.
constexpr std::array<std::string_view, 4> orderEnding{"aten::adaptive_avg_pool2d", "aten::mean.dim", "aten::flatten.using_ints",
                                                      "aten::reshape"};

/// Images that end as one pixel have the same order either way, so that even a view of them is fine; others flow on.
bool endsOrder(const graph::Node& node) {
    if (std::ranges::find(orderEnding, node.op) == orderEnding.end()) return false;
    if (node.op != "aten::adaptive_avg_pool2d") return true;
    const auto size = node.operands.size() > 1 ? node.operands[1].literal<std::vector<std::int64_t>>() : std::nullopt;
    return size && std::ranges::all_of(*size, [](std::int64_t length) { return length == 1; });
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
