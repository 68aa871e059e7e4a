#include <core/runtime/lowering/patterns/residual_addition.h>

#include <algorithm>

#include <core/graph/operators/arithmetic.h>
#include <core/runtime/lowering/lowering_context.h>
#include <core/runtime/lowering/patterns/float_layer.h>
#include <core/runtime/lowering/patterns/int8_layer.h>

namespace lathe::runtime {

namespace {

bool haveSameShape(const graph::Graph& graph, graph::ValueId left, graph::ValueId right) {
    const graph::Value &first = graph.value(left), &second = graph.value(right);
    const auto isKnown = [](const graph::Dim& dim) { return dim.size >= 0 || !dim.symbol.empty(); };
    return first.shape && second.shape && *first.shape == *second.shape && std::ranges::all_of(*first.shape, isKnown) &&
           first.dtype == tensor::DType::Float32 && second.dtype == tensor::DType::Float32;
}

/// Where the layer stands that makes the value, if it may add something to it.
std::optional<std::size_t> layerAt(const LoweringContext& context, graph::ValueId value) {
    const auto place = context.floatLayerAt(value);
    if (!place || context.uses().uses(value).size() != 1) return std::nullopt;
    const std::any& payload = context.knownAt(*place).payload;
    const auto* bytes = std::any_cast<Int8Layer>(&payload);
    const auto* floats = std::any_cast<FloatLayer>(&payload);
    const bool isFree = bytes != nullptr ? !bytes->addsResidual && bytes->activation == ActivationRange{}
                                         : floats != nullptr && !floats->addsResidual && !floats->function;
    return isFree ? place : std::nullopt;
}

} // namespace

Outcome lowerResidualAddition(LoweringContext& context, const graph::Node& node) {
    if (node.op != op::add) return Outcome::other();
    const graph::Addition addition(node);
    if (!addition.left().isValue() || !addition.right().isValue()) return Outcome::other();
    const graph::ValueId left = addition.left().value(), right = addition.right().value();
    if (!addition.isPlain() || left == right || !haveSameShape(context.original(), left, right)) return Outcome::other();
    // The later of two layers, so that the other's result is there.
    const auto leftLayer = layerAt(context, left), rightLayer = layerAt(context, right);
    if (!leftLayer && !rightLayer) return Outcome::other();
    const bool takesRight = !leftLayer || (rightLayer && *rightLayer > *leftLayer);
    const graph::ValueId other = takesRight ? left : right;
    auto [lowered, known] = context.takeFloatLayer(takesRight ? right : left);
    if (auto* floats = std::any_cast<FloatLayer>(&known.payload)) {
        FloatLayer layer = std::move(*floats);
        layer.addsResidual = true;
        layer.nodes.push_back(node);
        lowered.operands.emplace_back(other);
        known.covers.push_back(node.name);
        emitFloatLayer(context, std::move(lowered), std::move(layer), node.results[0], std::move(known));
        return Outcome::taken();
    }
    auto layer = std::any_cast<Int8Layer>(std::move(known.payload));
    layer.addsResidual = true;
    if (const Twin* twin = context.twin(other)) {
        layer.residual = twin->grid;
        lowered.operands.emplace_back(twin->bytes);
        context.addProducer(other, known.covers);
    } else {
        lowered.operands.emplace_back(other);
    }
    known.covers.push_back(node.name);
    emitInt8Layer(context, std::move(lowered), std::move(layer), node.results[0], std::move(known));
    return Outcome::taken();
}

} // namespace lathe::runtime
