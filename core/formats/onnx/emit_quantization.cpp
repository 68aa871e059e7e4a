// Quantization in ONNX: QDQ, and what chooses grids while the model runs. Products of integers stand in emit_layers.cpp.
#include <algorithm>
#include <array>
#include <limits>

#include <core/formats/onnx/emit.h>
#include <core/formats/onnx/message_writer.h>
#include <core/graph/operands.h>
#include <core/graph/operators/names.h>
#include <core/graph/operators/operator.h>
#include <core/quantization/qdq.h>

namespace lathe::formats::onnx {

namespace {

// ---- One grid for each row (per token)

/// The lowest and highest of each row of x, zero included.
std::string extremeOf(Emission& emission, const std::string& x, const std::string& reduction, const std::string& comparison) {
    return emission.add(comparison, {reduced(emission, reduction, x, {-1}, true), number(emission, 0)});
}

/// As PyTorch's choose_qparams_per_token_asymmetric does, 128 levels higher. Both results are float32.
void chooseParametersPerToken(Emission& emission, const Node& node) {
    const auto with = [&](const char* op, const std::string& left, const std::string& right) { return emission.add(op, {left, right}); };
    const std::string x = asType(emission, node.operands[0], tensor::DType::Float32);
    const std::string low = extremeOf(emission, x, "ReduceMin", "Min"), high = extremeOf(emission, x, "ReduceMax", "Max");
    const std::string step = with("Div", with("Sub", high, low), number(emission, 255));
    const std::string scale = emission.result(node, 0);
    emission.addTo(scale, "Max", {step, number(emission, static_cast<double>(std::numeric_limits<float>::epsilon()))});
    const std::string scaledLow = with("Div", low, scale), scaledHigh = with("Div", high, scale);
    const std::string isFromLow = with("Greater", with("Add", scaledLow, scaledHigh), number(emission, 1));
    const std::string fromLow = emission.add("Neg", {scaledLow}), fromHigh = with("Sub", number(emission, 255), scaledHigh);
    const std::string zeroPoint = emission.add("Where", {isFromLow, fromLow, fromHigh});
    emission.addTo(emission.result(node, 1), "Round", {emission.add("Clip", {zeroPoint, number(emission, 0), number(emission, 255)})});
}

/// Bytes from 0 to 255.
void quantizePerToken(Emission& emission, const Node& node) {
    const std::string x = asType(emission, node.operands[0], tensor::DType::Float32);
    const std::string scaled = emission.add("Div", {x, input(emission, node, 1)});
    const std::string moved = emission.add("Round", {emission.add("Add", {scaled, input(emission, node, 2)})});
    emission.addTo(emission.result(node), "Cast", {emission.add("Clip", {moved, number(emission, 0), number(emission, 255)})},
                   {integerAttribute("to", static_cast<std::int64_t>(ElementType::UInt8))});
}

void dequantizePerToken(Emission& emission, const Node& node) {
    if (isReadAsIntegers(emission, node)) return;
    const std::string centred =
        emission.add("Sub", {castTo(emission, input(emission, node, 0), tensor::DType::Float32), input(emission, node, 2)});
    emission.addTo(emission.result(node), "Mul", {centred, input(emission, node, 1)});
}

// ---- QDQ

struct Range {
    std::int64_t minimum, maximum;
    ElementType type;
    bool isWhole; ///< of its type
};

Range rangeOf(const Node& node) {
    const auto range = quantization::rangeOf(node);
    if (!range) throw CannotEmit{"has no grid that is known"};
    const bool isSigned = range->dtype == tensor::DType::Int8;
    // Biases are integers of 32 bits on the grid of their products; nothing is rounded to it.
    if (range->dtype == tensor::DType::Int32 && graph::isDequantize(node.op))
        return {range->minimum, range->maximum, ElementType::Int32, true};
    if (!isSigned && range->dtype != tensor::DType::UInt8) throw CannotEmit{"has a grid of more than 8 bits"};
    return {range->minimum, range->maximum, isSigned ? ElementType::Int8 : ElementType::UInt8,
            *range == quantization::wholeRange(range->dtype)};
}

tensor::Tensor integersOf(const std::vector<std::int64_t>& values, ElementType type, const tensor::Shape& shape) {
    const auto dtype = type == ElementType::Int8    ? tensor::DType::Int8
                       : type == ElementType::Int32 ? tensor::DType::Int32
                                                    : tensor::DType::UInt8;
    return tensor::Tensor::of<std::int64_t>(shape, values).to(dtype);
}

/// The scale and zero point of a node as inputs. `type` as they are stored.
struct Grid {
    std::vector<std::string> inputs;
    std::vector<std::string> attributes;
    double scale = 0;
    std::int64_t zeroPoint = 0;
    bool isPerTensor = true;
};

Grid gridOf(Emission& emission, const Node& node, const Range& range, ElementType type, bool needsZeroPoint) {
    Grid grid;
    if (node.op == graph::op::quantizePerTensor || node.op == graph::op::dequantizePerTensor) {
        grid.scale = numberAt(node, 1, 1);
        grid.zeroPoint = integerAt(node, 2, 0);
        grid.inputs.push_back(
            emission.constant("scale", tensor::Tensor::of<float>({}, {static_cast<float>(grid.scale)}), ElementType::Float));
        if (needsZeroPoint || grid.zeroPoint != 0)
            grid.inputs.push_back(emission.constant("zero_point", integersOf({grid.zeroPoint}, range.type, {}), type));
        return grid;
    }
    grid.isPerTensor = false;
    grid.inputs.push_back(input(emission, node, 1));
    const graph::Value& zeros = emission.graph().value(node.operands[2].value());
    if (zeros.kind != graph::ValueKind::Weight) throw CannotEmit{"has zero points that are computed while the model runs"};
    const tensor::Tensor wide = zeros.data.to(tensor::DType::Int64);
    const auto values = wide.values<std::int64_t>();
    const bool isZero = std::ranges::all_of(values, [](std::int64_t value) { return value == 0; });
    if (needsZeroPoint || !isZero)
        grid.inputs.push_back(emission.constant("zero_points", integersOf({values.begin(), values.end()}, range.type, wide.shape()), type));
    grid.attributes.push_back(integerAttribute("axis", integerAt(node, 3, 0)));
    return grid;
}

/// A grid that is part of its type (0 to 127 of a byte) is kept by cutting the input to it: exact, because the borders are grid points.
void quantize(Emission& emission, const Node& node) {
    const Range range = rangeOf(node);
    Grid grid = gridOf(emission, node, range, range.type, true);
    std::string x = input(emission, node, 0);
    if (!range.isWhole) {
        if (!grid.isPerTensor) throw CannotEmit{"has a part of a byte's grid for each channel"};
        const auto border = [&](std::int64_t level) {
            return emission.name(Operand(graph::Literal(static_cast<double>(level - grid.zeroPoint) * grid.scale)));
        };
        x = emission.add("Clip", {x, border(range.minimum), border(range.maximum)});
    }
    grid.inputs.insert(grid.inputs.begin(), x);
    emission.addTo(emission.result(node), "QuantizeLinear", grid.inputs, grid.attributes);
}

void dequantize(Emission& emission, const Node& node) {
    if (isReadAsIntegers(emission, node)) return;
    const Range range = rangeOf(node);
    const graph::Value& integers = emission.graph().value(node.operands[0].value());
    const bool isWeight = integers.kind == graph::ValueKind::Weight;
    ElementType type = range.type;
    if (isWeight && emission.opset() >= 21) {
        if (range.minimum >= -8 && range.maximum <= 7 && range.type == ElementType::Int8) type = ElementType::Int4;
        if (range.minimum >= 0 && range.maximum <= 15 && range.type == ElementType::UInt8) type = ElementType::UInt4;
        emission.setWeightType(node.operands[0].value(), type);
    }
    // ONNX Runtime takes pooling and the like into integers only where quantize and dequantize have the same inputs, and a Gemm only where
    // its weight has a zero point, be it zero.
    const bool isMatrix = isWeight && integers.data.shape().size() == 2 && type == ElementType::Int8;
    Grid grid = gridOf(emission, node, range, type, !isWeight || isMatrix);
    grid.inputs.insert(grid.inputs.begin(), input(emission, node, 0));
    emission.addTo(emission.result(node), "DequantizeLinear", grid.inputs, grid.attributes);
}

/// Behind the name of the node that has chosen a grid: what is rounded to it.
constexpr const char* integersSuffix = "/integers";

/// The arithmetic of DynamicQuantizeLinear for a part of a byte: fewer bits, as CPUs need whose products of bytes saturate.
void choosePartOfByte(Emission& emission, const Node& node, std::int64_t minimum, std::int64_t maximum) {
    const auto level = [&](std::int64_t value) { return number(emission, static_cast<double>(value)); };
    const std::string x = asType(emission, node.operands[0], tensor::DType::Float32);
    const std::string low = emission.add("Min", {reduced(emission, "ReduceMin", x, {}, false), level(0)});
    const std::string high = emission.add("Max", {reduced(emission, "ReduceMax", x, {}, false), level(0)});
    const std::string step = emission.add("Div", {emission.add("Sub", {high, low}), level(maximum - minimum)});
    const std::string scale = emission.result(node, 0), zeroPoint = emission.result(node, 1);
    emission.addTo(scale, "Max", {step, number(emission, numberAt(node, 3, 0))});
    const std::string shift = emission.add("Round", {emission.add("Div", {low, scale})});
    const std::string moved = emission.add("Clip", {emission.add("Sub", {level(minimum), shift}), level(minimum), level(maximum)});
    emission.addTo(zeroPoint, "Cast", {moved}, {integerAttribute("to", static_cast<std::int64_t>(ElementType::UInt8))});
    const std::string integers = emission.add("QuantizeLinear", {x, scale, zeroPoint});
    const auto border = [&](std::int64_t value) { return number(emission, static_cast<double>(value), tensor::DType::UInt8); };
    emission.addTo(node.name + integersSuffix, "Clip", {integers, border(minimum), border(maximum)});
}

/// Dynamic quantization: DynamicQuantizeLinear chooses the grid and rounds to it. It has 0 to 255 only; the signed grid is the same one,
/// 128 levels lower, and gives the same values.
void chooseParameters(Emission& emission, const Node& node) {
    const Range range = rangeOf(node);
    if (!range.isWhole) {
        const std::int64_t shift = range.type == ElementType::Int8 ? 128 : 0;
        return choosePartOfByte(emission, node, range.minimum + shift, range.maximum + shift);
    }
    emission.addTo({node.name + integersSuffix, emission.result(node, 0), emission.result(node, 1)}, "DynamicQuantizeLinear",
                   {input(emission, node, 0)});
}

/// The node that has chosen the grid of what this node rounds.
const Node* choiceOf(const Emission& emission, const Node& quantize) {
    if (!graph::isQuantize(quantize.op) || !quantize.operands[1].isValue()) return nullptr;
    const Node* choose = emission.uses().producer(quantize.operands[1].value());
    return choose != nullptr && choose->op == graph::op::chooseQparams && choose->operands[0] == quantize.operands[0] ? choose : nullptr;
}

void convertDynamic(Emission& emission, const Node& node) {
    (void)rangeOf(node);
    if (isReadAsIntegers(emission, node)) return;
    if (const Node* choose = choiceOf(emission, node)) return emission.alias(node.results.front(), choose->name + integersSuffix);
    const char* op = graph::isQuantize(node.op) ? "QuantizeLinear" : "DequantizeLinear";
    emission.addTo(emission.result(node), op, {input(emission, node, 0), input(emission, node, 1), input(emission, node, 2)});
}

constexpr std::array entries{
    EmitEntry{graph::op::quantizePerTensor, quantize},
    EmitEntry{graph::op::quantizePerChannel, quantize},
    EmitEntry{graph::op::dequantizePerTensor, dequantize},
    EmitEntry{graph::op::dequantizePerChannel, dequantize},
    EmitEntry{graph::op::chooseQparams, chooseParameters},
    EmitEntry{graph::op::quantizePerTensorDynamic, convertDynamic},
    EmitEntry{graph::op::dequantizePerTensorDynamic, convertDynamic},
    EmitEntry{graph::op::chooseQparamsPerToken, chooseParametersPerToken},
    EmitEntry{graph::op::quantizePerToken, quantizePerToken},
    EmitEntry{graph::op::dequantizePerToken, dequantizePerToken},
};

} // namespace

std::span<const EmitEntry> quantizationEmitters() { return entries; }

} // namespace lathe::formats::onnx
