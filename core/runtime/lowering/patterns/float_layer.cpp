#include <core/runtime/lowering/patterns/float_layer.h>

#include <algorithm>
#include <bit>
#include <cstdint>

#include <core/graph/operands.h>
#include <core/graph/operators/call.h>
#include <core/graph/operators/normalization.h>
#include <core/quantization/half.h>
#include <core/runtime/cpu.h>
#include <core/runtime/lowering/lowering_context.h>
#include <core/runtime/lowering/patterns/int8_layer.h>
#include <core/runtime/lowering/patterns/widened.h>

namespace lathe::runtime {

namespace {

bool isFloatWeight(const graph::Graph& graph, const graph::Operand& operand, std::size_t dimensions) {
    const tensor::Tensor* data = graph::weightData(graph, operand);
    return data != nullptr && data->dtype() == tensor::DType::Float32 && data->shape().size() == dimensions && data->elementCount() > 0;
}

/// Is every number of the weight one of bfloat16, so that products of it with others of bfloat16 lose nothing?
bool isOfBfloat16(const tensor::Tensor& weight) {
    return std::ranges::all_of(weight.values<float>(), [](float value) { return (std::bit_cast<std::uint32_t>(value) & 0xffffU) == 0; });
}

std::optional<FloatLayer> readLayer(const LoweringContext& context, const graph::Node& node) {
    const graph::Graph& graph = context.original();
    const graph::Call call(node);
    FloatLayer layer;
    layer.isConvolution = graph::isConvolution(node.op);
    if (!call.value("input") || !isFloatWeight(graph, call.operand("weight"), layer.isConvolution ? 4 : 2)) return std::nullopt;
    layer.weight = *call.value("weight");
    if (!call.operand("bias").isNone()) {
        if (!isFloatWeight(graph, call.operand("bias"), 1)) return std::nullopt;
        layer.bias = call.value("bias");
    }
    if (layer.isConvolution) {
        const auto geometry = constantGeometry(node);
        if (!geometry) return std::nullopt;
        layer.geometry = *geometry;
    }
    layer.readsBfloat16 = bfloat16Behind(context, *call.value("input")) && isOfBfloat16(graph.value(layer.weight).data);
    if (!call.op()->unfused.empty()) layer.function = Elementwise{Elementwise::Kind::Relu};
    return layer;
}

/// A batch norm of constant statistics that alone reads the value.
std::optional<FloatLayer::Normalization> normalizationBehind(const LoweringContext& context, const graph::Node& reader) {
    const graph::Graph& graph = context.original();
    if (reader.op != op::batchNorm || graph::mayTrain(reader)) return std::nullopt;
    const graph::BatchNorm norm(reader);
    const auto isNoneOrWeight = [&](const graph::Operand& operand) { return operand.isNone() || isFloatWeight(graph, operand, 1); };
    if (!isFloatWeight(graph, norm.mean(), 1) || !isFloatWeight(graph, norm.variance(), 1) || !isNoneOrWeight(norm.weight()) ||
        !isNoneOrWeight(norm.bias()) || !norm.epsilon())
        return std::nullopt;
    return FloatLayer::Normalization{norm.value("weight"), norm.value("bias"), norm.mean().value(), norm.variance().value(),
                                     *norm.epsilon()};
}

/// What tells the times of one such layer from those of another, beside the shapes of its inputs.
std::string formOf(const graph::Graph& graph, const FloatLayer& layer) {
    std::string form = "weight";
    for (const std::int64_t size : graph.value(layer.weight).data.shape())
        form += " " + std::to_string(size);
    if (layer.isConvolution) form += " " + text(layer.geometry);
    if (layer.readsBfloat16) form += layer.givesBfloat16 ? " bfloat16 both" : " bfloat16";
    if (layer.normalization) form += " batch_norm";
    if (layer.addsResidual) form += " add";
    if (layer.function) form += " " + nameOf(*layer.function);
    return form;
}

} // namespace

void emitFloatLayer(LoweringContext& context, graph::Node lowered, FloatLayer layer, graph::ValueId result, LoweredNode known) {
    const graph::Node* reader = layer.function ? nullptr : context.onlyReader(result);
    if (const auto function = reader != nullptr ? elementwiseOf(*reader) : std::nullopt) {
        layer.function = function;
        layer.nodes.push_back(*reader);
        known.covers.push_back(reader->name);
        context.takeIn(*reader);
        result = reader->results[0];
    }
    if (const graph::Node* rounding = layer.readsBfloat16 && !layer.addsResidual ? roundingBehind(context, result) : nullptr) {
        layer.givesBfloat16 = true;
        layer.nodes.push_back(*rounding);
        known.covers.push_back(rounding->name);
        context.takeIn(*rounding);
        result = rounding->results[0];
    }
    lowered.op = layer.isConvolution ? op::floatConvolution : op::floatLinear;
    lowered.results = {result};
    const std::string name = lowered.name;
    known.form = formOf(context.original(), layer);
    known.payload = std::move(layer);
    context.emit(lowered, std::move(known));
    context.setFloatLayer(result, name);
}

Outcome lowerFloatLayer(LoweringContext& context, const graph::Node& node) {
    if (!context.fusesFloatLayers() || !isInt8Candidate(node)) return Outcome::other();
    auto layer = readLayer(context, node);
    if (!layer) return Outcome::other();
    graph::Node lowered = node;
    lowered.operands = {*graph::mainInput(node)};
    layer->nodes = {node};
    LoweredNode known{node.op, {node.name}, {}, false, {}, {}};
    if (layer->readsBfloat16) {
        lowered.operands = {*bfloat16Behind(context, *graph::mainInput(node))};
        graph::Node widen = widenFor(context, layer->nodes.front(), 0);
        known.covers.insert(known.covers.begin(), widen.name);
        layer->nodes.insert(layer->nodes.begin(), std::move(widen));
        if (!cpuHasBfloat16()) known.reason = base::Message("kernel.noBfloat16", {});
        known.isSimulated = !cpuHasBfloat16();
    } else if (const auto rounding = quantization::matchHalfRounding(context.uses(), *graph::mainInput(node))) {
        const bool isFloat16 = rounding->dtype == tensor::DType::Float16;
        known.reason = isFloat16 ? whyMultipliedAsFloat(rounding->dtype) : base::Message("kernel.weightsAreFloat", {});
        known.isSimulated = true;
    }
    graph::ValueId result = node.results[0];
    // A batch norm that is multiplied into the weight makes other numbers of it.
    const graph::Node* reader = layer->function || !layer->isConvolution || layer->readsBfloat16 ? nullptr : context.onlyReader(result);
    if (reader != nullptr) layer->normalization = normalizationBehind(context, *reader);
    if (layer->normalization) {
        layer->nodes.push_back(*reader);
        known.covers.push_back(reader->name);
        context.takeIn(*reader);
        result = reader->results[0];
    }
    emitFloatLayer(context, std::move(lowered), std::move(*layer), result, std::move(known));
    return Outcome::taken();
}

} // namespace lathe::runtime
