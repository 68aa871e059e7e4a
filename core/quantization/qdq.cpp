#include <core/quantization/qdq.h>

#include <array>
#include <cmath>

#include <core/graph/operands.h>
#include <core/graph/operators/names.h>
#include <core/graph/operators/quantization.h>

namespace lathe::quantization {

namespace {

namespace op = graph::op;
using graph::Node;
using graph::QdqCall;

struct Form {
    Granularity granularity;
    bool isDynamic;
    Scheme scheme; ///< of what chooses
    QdqOperators operators;
};
constexpr std::array forms{
    Form{Granularity::Tensor, false, Scheme::Affine, {"", op::quantizePerTensor, op::dequantizePerTensor}},
    Form{Granularity::Channel, false, Scheme::Affine, {"", op::quantizePerChannel, op::dequantizePerChannel}},
    Form{Granularity::Tensor, true, Scheme::Affine, {op::chooseQparams, op::quantizePerTensorDynamic, op::dequantizePerTensorDynamic}},
    Form{Granularity::Tensor,
         true,
         Scheme::Symmetric,
         {op::chooseQparamsSymmetric, op::quantizePerTensorDynamic, op::dequantizePerTensorDynamic}},
    Form{Granularity::Token, true, Scheme::Affine, {op::chooseQparamsPerToken, op::quantizePerToken, op::dequantizePerToken}},
};

const Form* formOf(std::string_view name) {
    for (const Form& form : forms) {
        if (form.operators.choose == name || form.operators.quantize == name || form.operators.dequantize == name) return &form;
    }
    return nullptr;
}

} // namespace

QdqOperators qdqOperators(const Grid& grid) {
    for (const Form& form : forms) {
        const bool isSame = form.granularity == grid.granularity && form.isDynamic == grid.isDynamic;
        if (isSame && (!grid.isDynamic || form.scheme == grid.scheme)) return form.operators;
    }
    return {};
}

std::optional<IntegerRange> rangeOf(const Node& node) {
    if (node.op == op::chooseQparamsPerToken)
        return QdqCall(node).dtype() == tensor::DType::Int8 ? std::optional(tokenGrid().range) : std::nullopt;
    const QdqCall call(node);
    const auto low = call.minimum(), high = call.maximum();
    const auto dtype = call.dtype();
    if (!low || !high || !dtype || *low > *high) return std::nullopt;
    return IntegerRange{*low, *high, *dtype};
}

std::optional<Grid> gridOf(const Node& node) {
    const Form* form = formOf(node.op);
    const QdqCall call(node);
    const auto range = form != nullptr && call.isComplete() ? rangeOf(node) : std::nullopt;
    if (!range) return std::nullopt;
    Grid grid;
    grid.range = *range;
    grid.granularity = form->granularity;
    grid.isDynamic = form->isDynamic;
    if (form->granularity == Granularity::Channel) {
        const auto axis = call.axis();
        if (!axis) return std::nullopt;
        grid.axis = static_cast<int>(*axis);
    }
    if (form->granularity == Granularity::Token) {
        Grid token = tokenGrid();
        token.range = *range;
        return token;
    }
    if (node.op == form->operators.choose) {
        const auto epsilon = call.epsilon();
        if (!epsilon) return std::nullopt;
        grid.scheme = form->scheme;
        grid.smallestScale = *epsilon;
    }
    return grid;
}

std::optional<TensorGrid> tensorGridOf(const Node& node) {
    const auto grid = gridOf(node);
    if (!grid || grid->isDynamic || grid->granularity != Granularity::Tensor) return std::nullopt;
    const auto scale = QdqCall(node).scale().literal<double>();
    const auto zeroPoint = QdqCall(node).zeroPoint().literal<std::int64_t>();
    if (!scale || !zeroPoint || !(*scale > 0) || !std::isfinite(*scale)) return std::nullopt;
    return TensorGrid{*scale, *zeroPoint, grid->range.minimum, grid->range.maximum, grid->range.dtype};
}

std::optional<GridNumbers> numbersOf(const graph::Graph& graph, const Node& node, std::int64_t channels) {
    const Form* form = formOf(node.op);
    const QdqCall call(node);
    if (form == nullptr || form->isDynamic || !call.isComplete()) return std::nullopt;
    if (form->granularity == Granularity::Tensor) {
        const auto scale = call.scale().literal<double>();
        const auto zeroPoint = call.zeroPoint().literal<std::int64_t>();
        if (!scale || !zeroPoint) return std::nullopt;
        return GridNumbers{{static_cast<float>(*scale)}, {*zeroPoint}};
    }
    const tensor::Tensor *scales = graph::weightData(graph, call.scale()), *zeroPoints = graph::weightData(graph, call.zeroPoint());
    if (scales == nullptr || zeroPoints == nullptr) return std::nullopt;
    if (scales->elementCount() != channels || zeroPoints->elementCount() != channels) return std::nullopt;
    GridNumbers numbers{scales->toFloats(), {}};
    for (const float zeroPoint : zeroPoints->toFloats())
        numbers.zeroPoints.push_back(static_cast<std::int64_t>(zeroPoint));
    return numbers;
}

std::optional<Qdq> matchQdq(const graph::UseIndex& uses, graph::ValueId dequantized) {
    Qdq found;
    found.dequantize = uses.producer(dequantized);
    if (found.dequantize == nullptr || !graph::isDequantize(found.dequantize->op)) return std::nullopt;
    const QdqCall from(*found.dequantize);
    found.quantize = from.input().isValue() ? uses.producer(from.input().value()) : nullptr;
    if (found.quantize == nullptr || !graph::isQuantize(found.quantize->op)) return std::nullopt;
    const QdqCall to(*found.quantize);
    const auto grid = gridOf(*found.quantize);
    if (!grid || !to.input().isValue() || grid != gridOf(*found.dequantize)) return std::nullopt;
    if (from.scale() != to.scale() || from.zeroPoint() != to.zeroPoint()) return std::nullopt;
    found.input = to.input().value();
    found.grid = *grid;
    if (!grid->isDynamic) return found;

    found.choose = to.scale().isValue() ? uses.producer(to.scale().value()) : nullptr;
    if (found.choose == nullptr || !graph::choosesQparams(found.choose->op) || found.choose->results.size() != 2) return std::nullopt;
    const bool usesChosen =
        to.scale() == graph::Operand(found.choose->results[0]) && to.zeroPoint() == graph::Operand(found.choose->results[1]);
    const auto chosen = gridOf(*found.choose);
    if (!usesChosen || graph::mainOperand(*found.choose) != to.input() || !chosen) return std::nullopt;
    if (chosen->range != grid->range || chosen->granularity != grid->granularity) return std::nullopt;
    found.grid = *chosen;
    return found;
}

} // namespace lathe::quantization
