#include <core/runtime/lowering/elementwise.h>

#include <algorithm>
#include <limits>

#include <core/graph/operators/call.h>
#include <core/graph/operators/names.h>

namespace lathe::runtime {

namespace {

using Kind = Elementwise::Kind;

} // namespace

std::optional<Elementwise> elementwiseOf(const ActivationRange& range) {
    if (range == ActivationRange{}) return std::nullopt;
    if (range == ActivationRange{0, ActivationRange{}.high}) return Elementwise{Kind::Relu};
    constexpr float most = std::numeric_limits<float>::max();
    return Elementwise{Kind::Clip, std::max(range.low, -most), std::min(range.high, most)};
}

std::optional<Elementwise> elementwiseOf(const graph::Node& node) {
    if (const auto range = activationRange(node)) return elementwiseOf(*range);
    const graph::Call call(node);
    if (node.op == graph::op::silu) return Elementwise{Kind::Swish};
    if (node.op == graph::op::hardswish) return Elementwise{Kind::HardSwish};
    if (node.op == graph::op::sigmoid) return Elementwise{Kind::Logistic};
    if (node.op == graph::op::tanh) return Elementwise{Kind::Tanh};
    if (node.op == graph::op::gelu) {
        const auto form = call.literal<std::string>("approximate");
        if (form == "none") return Elementwise{Kind::Gelu};
        if (form == "tanh") return Elementwise{Kind::GeluTanh};
    }
    if (node.op == graph::op::leakyRelu) {
        if (const auto slope = call.number("negative_slope")) return Elementwise{Kind::Relu, static_cast<float>(*slope)};
    }
    if (node.op == graph::op::elu && call.number("scale") == 1.0 && call.number("input_scale") == 1.0) {
        if (const auto alpha = call.number("alpha")) return Elementwise{Kind::Elu, static_cast<float>(*alpha)};
    }
    return std::nullopt;
}

std::string nameOf(const Elementwise& function) {
    switch (function.kind) {
    case Kind::Relu:
        return function.alpha == 0 ? "relu" : "leaky_relu";
    case Kind::Clip:
        return "clamp";
    case Kind::Swish:
        return "silu";
    case Kind::HardSwish:
        return "hardswish";
    case Kind::Gelu:
    case Kind::GeluTanh:
        return "gelu";
    case Kind::Logistic:
        return "sigmoid";
    case Kind::Tanh:
        return "tanh";
    case Kind::Elu:
        return "elu";
    }
    return {};
}

} // namespace lathe::runtime
