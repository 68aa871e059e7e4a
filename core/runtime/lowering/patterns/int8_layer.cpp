#include <core/runtime/lowering/patterns/int8_layer.h>

#include <algorithm>
#include <bit>
#include <cstdlib>

#include <core/base/memory.h>
#include <core/graph/operands.h>
#include <core/graph/operators/call.h>
#include <core/graph/operators/integers.h>
#include <core/quantization/qdq.h>
#include <core/runtime/lowering/lowering_context.h>

namespace lathe::runtime {

using graph::Node;
using graph::ValueId;

namespace {

/// Reads a dequantize node whose operands are all weights or constants into the weight part of `layer`; else says why not. The axis must
/// be the first (output channels).
base::Message readWeight(const graph::Graph& graph, const Node& dequantize, Int8Layer& layer) {
    base::Message otherForm("kernel.weightForm", {});
    if (!dequantizesWeight(graph, dequantize)) return otherForm;
    layer.weight = *graph::mainInput(dequantize);
    const tensor::Tensor& data = graph.value(layer.weight).data;
    const auto grid = quantization::gridOf(dequantize);
    if (!grid || grid->isDynamic || (grid->granularity == quantization::Granularity::Channel && (grid->axis != 0 || data.shape().empty())))
        return otherForm;
    auto numbers = quantization::numbersOf(graph, dequantize, data.shape().empty() ? 0 : data.shape()[0]);
    if (!numbers) return otherForm;
    layer.weightScales = std::move(numbers->scales);
    layer.weightZeroPoints = std::move(numbers->zeroPoints);
    // The sum of (a − za)(w − zw) must fit into 32 bits, whatever the values are.
    const std::int64_t products = data.shape().empty() || data.shape()[0] == 0 ? 0 : data.elementCount() / data.shape()[0];
    const std::int64_t largestWeight = data.dtype() == tensor::DType::Int8 ? 128 : 255;
    const bool fits = std::ranges::all_of(layer.weightZeroPoints, [&](std::int64_t zeroPoint) {
        return std::abs(zeroPoint) <= 255 && products * 255 * (largestWeight + std::abs(zeroPoint)) < (std::int64_t{1} << 31);
    });
    return fits ? base::Message() : base::Message("kernel.sumsTooLarge", {});
}

bool readBias(const graph::Graph& graph, const graph::Call& call, Int8Layer& layer) {
    if (call.operand("bias").isNone()) return true;
    layer.bias = call.value("bias");
    if (!layer.bias) return false;
    const graph::Value& bias = graph.value(*layer.bias);
    return bias.kind == graph::ValueKind::Weight && bias.data.dtype() == tensor::DType::Float32;
}

/// layer → quantize → dequantize → relu, nothing else reading in between: the layer can cut off at zero itself.
const Node* reluBehindQuantization(const LoweringContext& context, ValueId value) {
    const Node* quantize = context.quantizedOn(value) ? context.onlyReader(value, op::quantizePerTensor) : nullptr;
    const Node* dequantize = quantize ? context.onlyReader(quantize->results[0], op::dequantizePerTensor) : nullptr;
    return dequantize ? context.onlyReader(dequantize->results[0], op::relu) : nullptr;
}

/// How many bits the mean magnitude of the weights has: with small ones, kernels can sum more products before they widen.
int bitsOfWeights(const graph::Graph& graph, const Int8Layer& layer) {
    const tensor::Tensor& data = graph.value(layer.weight).data;
    const auto mean = [&]<class T>(std::span<const T> weights) {
        const std::size_t perChannel = weights.size() / layer.weightZeroPoints.size();
        std::int64_t sum = 0;
        for (std::size_t channel = 0; channel < layer.weightZeroPoints.size(); ++channel) {
            const auto zeroPoint = static_cast<int>(layer.weightZeroPoints[channel]);
            for (const T weight : weights.subspan(channel * perChannel, perChannel))
                sum += std::abs(weight - zeroPoint);
        }
        return static_cast<std::uint64_t>(sum) / std::max<std::size_t>(1, weights.size());
    };
    const int bits =
        std::bit_width(data.dtype() == tensor::DType::Int8 ? mean(data.values<std::int8_t>()) : mean(data.values<std::uint8_t>()));
    base::letGo(data.storage()->bytes()); // the others are read before these are packed
    return bits;
}

/// What tells the times of one such layer from those of another, beside the shapes of its inputs.
std::string formOf(const graph::Graph& graph, const Int8Layer& layer) {
    std::string form = "weight";
    for (const std::int64_t size : graph.value(layer.weight).data.shape())
        form += " " + std::to_string(size);
    form += " of " + std::to_string(bitsOfWeights(graph, layer)) + " bits";
    if (layer.isConvolution) form += " " + text(layer.geometry);
    if (layer.addsResidual) form += layer.residual ? " add bytes" : " add floats";
    if (layer.activation != ActivationRange{}) form += " clamp";
    if (const auto* dynamic = std::get_if<quantization::Grid>(&layer.input))
        form += dynamic->granularity == quantization::Granularity::Token ? " range per token" : " dynamic range";
    return form + (layer.output ? " to bytes" : " to floats");
}

} // namespace

bool isInt8Candidate(const Node& node) { return graph::hasIntegerLayer(node.op); }

const Node* weightDequantize(const LoweringContext& context, const Node& node) {
    const auto weight = graph::Call(node).value("weight");
    const Node* made = weight ? context.uses().producer(*weight) : nullptr;
    return made && graph::isDequantize(made->op) ? made : nullptr;
}

ReadLayer readInt8Layer(const LoweringContext& context, const Node& node) {
    const graph::Graph& graph = context.original();
    const graph::Call call(node);
    ReadLayer read;
    Int8Layer& layer = read.layer;
    layer.isConvolution = graph::isConvolution(node.op);
    read.refusal = readWeight(graph, *weightDequantize(context, node), layer);
    if (!read.refusal.empty()) return read;
    if (!call.op()->unfused.empty()) layer.activation.low = 0;
    if (layer.isConvolution && !constantGeometry(node))
        read.refusal = base::Message("kernel.geometryComputed", {});
    else if (graph.value(layer.weight).data.shape().size() != (layer.isConvolution ? 4U : 2U))
        read.refusal = base::Message("kernel.weightForm", {});
    else if (!readBias(graph, call, layer))
        read.refusal = base::Message("kernel.biasForm", {});
    if (layer.isConvolution && read.refusal.empty()) layer.geometry = *constantGeometry(node);
    return read;
}

void emitInt8Layer(LoweringContext& context, Node lowered, Int8Layer layer, ValueId result, LoweredNode known) {
    const Node* reader = context.onlyReader(result);
    if (const auto range = reader ? activationRange(*reader) : std::nullopt) {
        layer.activation = limited(layer.activation, *range);
        known.covers.push_back(reader->name);
        context.takeIn(*reader);
        result = reader->results[0];
    } else if (const Node* later = reluBehindQuantization(context, result)) {
        layer.activation = limited(layer.activation, *activationRange(*later));
        context.cutInLayer(*later);
    }
    layer.output = context.gridAhead(result);
    lowered.op = op::int8Layer;
    lowered.results = {layer.output ? context.addBytes(lowered.name) : result};
    const ValueId bytes = lowered.results[0];
    const auto output = layer.output;
    known.form = formOf(context.original(), layer);
    known.payload = std::move(layer);
    context.emit(lowered, std::move(known));
    if (output) {
        context.setMaker(bytes, lowered.name);
        context.addTwin(result, {bytes, *output}, lowered.name + ".dequantize");
    } else {
        context.setFloatLayer(result, lowered.name);
    }
}

} // namespace lathe::runtime
