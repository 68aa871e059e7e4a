#include <core/runtime/lowering/activation_range.h>

#include <algorithm>

#include <core/graph/operators/call.h>
#include <core/graph/operators/names.h>

namespace lathe::runtime {

namespace {

/// `missing` when the operand is not there or None; nothing when it is not a constant.
std::optional<float> bound(const graph::Node& node, std::string_view role, float missing) {
    const graph::Call call(node);
    if (call.operand(role).isNone()) return missing;
    const auto number = call.number(role);
    return number ? std::optional(static_cast<float>(*number)) : std::nullopt;
}

std::optional<ActivationRange> between(std::optional<float> low, std::optional<float> high) {
    if (!low || !high || !(*low <= *high)) return std::nullopt;
    return ActivationRange{*low, *high};
}

} // namespace

std::optional<ActivationRange> activationRange(const graph::Node& node) {
    const ActivationRange all;
    if (node.op == graph::op::relu) return ActivationRange{0, all.high};
    if (node.op == graph::op::relu6) return ActivationRange{0, 6};
    if (node.op == graph::op::hardtanh) return between(bound(node, "min_val", -1), bound(node, "max_val", 1));
    if (node.op == graph::op::clamp) return between(bound(node, "min", all.low), bound(node, "max", all.high));
    if (node.op == graph::op::clampMin) return between(bound(node, "min", all.low), all.high);
    return std::nullopt;
}

ActivationRange limited(const ActivationRange& first, const ActivationRange& second) {
    return {std::clamp(first.low, second.low, second.high), std::clamp(first.high, second.low, second.high)};
}

} // namespace lathe::runtime
