#include <core/graph/operators/integers.h>

#include <algorithm>
#include <array>

#include <core/graph/operators/names.h>
#include <core/graph/operators/operator.h>

namespace lathe::graph {

namespace {

struct Row {
    std::string_view op;
    Curve curve;
};

constexpr std::array curves{
    Row{op::sigmoid, {-6, 6}},
    Row{op::tanh, {-3, 3}},
    Row{op::gelu, {.low = -3}},
    Row{op::silu, {.low = -6}},
    Row{"aten::mish", {.low = -6}},
    Row{op::elu, {.low = -5}},
    Row{"aten::selu", {.low = -5}},
    Row{"aten::celu", {}},
    Row{op::hardswish, {.low = -3}},
    Row{op::hardsigmoid, {-3, 3}},
    Row{"aten::softplus", {}},
    Row{op::leakyRelu, {}},
    Row{"aten::log_sigmoid", {.high = 6}},
};

} // namespace

bool hasIntegerLayer(std::string_view op) { return op == op::conv2d || op == op::linear || op == op::conv2dRelu || op == op::linearRelu; }

std::optional<Curve> curveOf(std::string_view op) {
    const auto found = std::ranges::find(curves, op, &Row::op);
    return found == curves.end() ? std::nullopt : std::optional(found->curve);
}

bool meansOverImages(const Node& node) {
    // Of the two only these give an image of which either order in memory is the usual one.
    const Operator* known = node.op == op::adaptiveAvgPool2d || node.op == op::meanDim ? findOperator(node.op) : nullptr;
    return known != nullptr && known->endsChannelsLast(node);
}

} // namespace lathe::graph
