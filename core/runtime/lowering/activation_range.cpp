#include <core/runtime/lowering/activation_range.h>

#include <algorithm>

#include <core/graph/ops.h>

namespace lathe::runtime {

namespace {

/// A bound at `position`: `missing` when the operand is not there or None; nothing when it is not a constant.
std::optional<float> bound(const graph::Node& node, std::size_t position, float missing) {
    if (position >= node.operands.size() || node.operands[position].isNone()) return missing;
    if (const auto number = node.operands[position].literal<double>()) return static_cast<float>(*number);
    if (const auto number = node.operands[position].literal<std::int64_t>()) return static_cast<float>(*number);
    return std::nullopt;
}

std::optional<ActivationRange> between(std::optional<float> low, std::optional<float> high) {
    if (!low || !high || !(*low <= *high)) return std::nullopt;
    return ActivationRange{*low, *high};
}

} // namespace

std::optional<ActivationRange> activationRange(const graph::Node& node) {
    const ActivationRange all;
    if (node.op == graph::op::relu) return ActivationRange{0, all.high};
    if (node.op == "aten::relu6") return ActivationRange{0, 6};
    if (node.op == "aten::hardtanh") return between(bound(node, 1, -1), bound(node, 2, 1));
    if (node.op == "aten::clamp") return between(bound(node, 1, all.low), bound(node, 2, all.high));
    if (node.op == "aten::clamp_min") return between(bound(node, 1, all.low), all.high);
    return std::nullopt;
}

ActivationRange limited(const ActivationRange& first, const ActivationRange& second) {
    return {std::clamp(first.low, second.low, second.high), std::clamp(first.high, second.low, second.high)};
}

} // namespace lathe::runtime
