// Linear layers and embeddings in ONNX. Integers stay integers as long as runtimes can use them: ONNX Runtime does not restore weights
// once, but in each call.
#include <algorithm>
#include <array>
#include <optional>

#include <core/formats/onnx/emit.h>
#include <core/formats/onnx/message_writer.h>
#include <core/graph/layer_weight.h>
#include <core/graph/operands.h>
#include <core/graph/operators/names.h>
#include <core/graph/operators/operator.h>
#include <core/quantization/bias_units.h>
#include <core/quantization/pair_sums.h>

namespace lathe::formats::onnx {

namespace {

constexpr std::int64_t byteShift = 128; ///< from int8 to uint8

bool isSymmetric(const Emission& emission, const Node& dequantize) {
    if (dequantize.op == graph::op::dequantizePerTensor) return integerAt(dequantize, 2, 0) == 0;
    if (dequantize.op != graph::op::dequantizePerChannel || integerAt(dequantize, 3, 0) != 0) return false;
    const tensor::Tensor* zeroPoints = graph::weightData(emission.graph(), dequantize.operands[2]);
    if (zeroPoints == nullptr) return false;
    const std::vector<float> values = zeroPoints->toFloats();
    return std::ranges::all_of(values, [](float value) { return value == 0; });
}

/// The dequantize node of a layer's int8 weight (out, in) or table (rows, features), symmetric; null for others.
const Node* integerWeight(const Emission& emission, const Node& layer, std::size_t operand = 1) {
    const Node* weight = layer.operands[operand].isValue() ? emission.uses().producer(layer.operands[operand].value()) : nullptr;
    if (weight == nullptr || !graph::isDequantize(weight->op)) return nullptr;
    const tensor::Tensor* data = graph::weightData(emission.graph(), weight->operands[0]);
    const bool isInt8 = data != nullptr && data->dtype() == tensor::DType::Int8 && data->shape().size() == 2;
    // Fewer bits are stored in fewer bits, which a product of integers does not read.
    const bool isEightBits = isInt8 && integerAt(*weight, weight->operands.size() - 2, 127) > 7;
    return isEightBits && isSymmetric(emission, *weight) ? weight : nullptr;
}

/// A layer whose input finds its grid while the model runs.
struct IntegerLinear {
    const Node* quantize;
    const Node* weight; ///< its dequantize node
};

std::optional<IntegerLinear> integerLinear(const Emission& emission, const Node& node) {
    if (!graph::isLinear(node.op) || !node.operands[0].isValue()) return std::nullopt;
    const Node* input = emission.uses().producer(node.operands[0].value());
    const Node* weight = integerWeight(emission, node);
    if (input == nullptr || weight == nullptr || !input->operands.front().isValue()) return std::nullopt;
    const Node* quantize = emission.uses().producer(input->operands[0].value());
    const bool isPerToken =
        input->op == graph::op::dequantizePerToken && quantize != nullptr && quantize->op == graph::op::quantizePerToken;
    const bool isPerTensor =
        input->op == graph::op::dequantizePerTensorDynamic && quantize != nullptr && quantize->op == graph::op::quantizePerTensorDynamic;
    if (!isPerToken && !isPerTensor) return std::nullopt;
    if (!std::equal(quantize->operands.begin() + 1, quantize->operands.end(), input->operands.begin() + 1, input->operands.end()))
        return std::nullopt;
    return IntegerLinear{quantize, weight};
}

/// The transposed bytes (in, out) of a weight (out, in).
template<class Byte>
tensor::Tensor transposed(const tensor::Tensor& weight, std::int64_t shift = 0) {
    const std::int64_t outputs = weight.shape()[0], inputs = weight.shape()[1];
    const tensor::Tensor flat = weight.contiguous();
    const auto bytes = flat.values<std::int8_t>();
    std::vector<Byte> values(static_cast<std::size_t>(outputs * inputs));
    for (std::int64_t out = 0; out < outputs; ++out) {
        for (std::int64_t in = 0; in < inputs; ++in)
            values[static_cast<std::size_t>(in * outputs + out)] =
                static_cast<Byte>(bytes[static_cast<std::size_t>(out * inputs + in)] + shift);
    }
    return tensor::Tensor::of<Byte>({inputs, outputs}, values);
}

/// Σ of the weights of each output.
tensor::Tensor sumsOf(const tensor::Tensor& weight) {
    const std::int64_t outputs = weight.shape()[0], inputs = weight.shape()[1];
    const tensor::Tensor flat = weight.contiguous();
    const auto values = flat.values<std::int8_t>();
    std::vector<std::int32_t> sums(static_cast<std::size_t>(outputs), 0);
    for (std::int64_t at = 0; at < outputs * inputs; ++at)
        sums[static_cast<std::size_t>(at / inputs)] += values[static_cast<std::size_t>(at)];
    return tensor::Tensor::of<std::int32_t>({outputs}, sums);
}

std::string scalesOf(Emission& emission, const Node& weight) {
    std::vector<float> scales;
    if (weight.op == graph::op::dequantizePerTensor)
        scales.push_back(static_cast<float>(numberAt(weight, 1, 1)));
    else
        scales = graph::weightData(emission.graph(), weight.operands[1])->toFloats();
    const tensor::Shape channels{static_cast<std::int64_t>(scales.size())};
    return emission.constant("scales", tensor::Tensor::of<float>(channels, scales), ElementType::Float);
}

/// Bias and activation, behind a product.
void finishLinear(Emission& emission, const Node& node, const std::string& product) {
    const bool hasBias = node.operands.size() > 2 && !node.operands[2].isNone(), hasRelu = node.op == graph::op::linearRelu;
    const std::string result = emission.result(node);
    if (hasBias && hasRelu) return emission.addTo(result, "Relu", {emission.add("Add", {product, input(emission, node, 2)})});
    if (hasBias) return emission.addTo(result, "Add", {product, input(emission, node, 2)});
    emission.addTo(result, hasRelu ? "Relu" : "Identity", {product});
}

/// ONNX has no dequantization with a grid for each row of another operand, but a product of integers. With bytes q, grids (s, z) of rows or
/// of the whole and weights w of the scales t: Σ (q − z) w · s · t. For rows, z is taken out of the product: (Σ q w − z Σ w) · s · t. For
/// the whole it is written as ONNX Runtime knows it (MatMulIntegerToFloat).
void emitIntegerLinear(Emission& emission, const Node& node, const IntegerLinear& layer) {
    const tensor::Tensor& weight = *graph::weightData(emission.graph(), layer.weight->operands[0]);
    const std::string bytes = emission.name(Operand(layer.quantize->results[0]));
    const std::string scale = input(emission, *layer.quantize, 1), zeroPoint = input(emission, *layer.quantize, 2);
    // Weights of few bits are exact as signed ones everywhere, and faster.
    const bool isUnsigned = emission.productWeights() == ProductWeights::Unsigned &&
                            quantization::pairSumsSaturate(255, quantization::largestMagnitude(weight));
    const std::string matrix = isUnsigned ? emission.constant("weight", transposed<std::uint8_t>(weight, byteShift), ElementType::UInt8)
                                          : emission.constant("weight", transposed<std::int8_t>(weight), ElementType::Int8);
    const std::string shift =
        isUnsigned ? emission.constant("zero_point", tensor::Tensor::of<std::uint8_t>({}, {std::uint8_t{byteShift}}), ElementType::UInt8)
                   : emission.constant("zero_point", tensor::Tensor::zeros(tensor::DType::Int8, {}), ElementType::Int8);
    const std::string scales = scalesOf(emission, *layer.weight);
    if (layer.quantize->op == graph::op::quantizePerTensorDynamic) {
        const std::string product = emission.add("MatMulInteger", {bytes, matrix, zeroPoint, shift});
        return finishLinear(emission, node,
                            emission.add("Mul", {castTo(emission, product, tensor::DType::Float32), emission.add("Mul", {scale, scales})}));
    }
    const std::string product = emission.add("MatMulInteger", {bytes, matrix, "", shift});
    const std::string sums = emission.constant("sums", sumsOf(weight), ElementType::Int32);
    const std::string exact =
        emission.add("Sub", {product, emission.add("Mul", {castTo(emission, zeroPoint, tensor::DType::Int32), sums})});
    const std::string onRows = emission.add("Mul", {castTo(emission, exact, tensor::DType::Float32), scale});
    finishLinear(emission, node, emission.add("Mul", {onRows, scales}));
}

bool hasRows(const Emission& emission, const Node& node) {
    const auto& shape = emission.graph().value(node.operands[0].value()).shape;
    return shape && shape->size() == 2;
}

/// The dequantize node of an integer weight that is stored transposed, because behind a Transpose runtimes restore it to float; or null.
const Node* storedTransposed(const Emission& emission, const Node& node) {
    if (!graph::isLinear(node.op) || !node.operands[0].isValue() || hasRows(emission, node)) return nullptr;
    const Node* weight = integerWeight(emission, node);
    return weight != nullptr && emission.uses().uses(weight->results[0]).size() == 1 ? weight : nullptr;
}

std::string transposedWeight(Emission& emission, const Node& node) {
    const Node* dequantize = storedTransposed(emission, node);
    if (dequantize == nullptr) return emission.add("Transpose", {input(emission, node, 1)}, {integersAttribute("perm", {1, 0})});
    const tensor::Tensor& weight = *graph::weightData(emission.graph(), dequantize->operands[0]);
    const std::string matrix = emission.constant("weight", transposed<std::int8_t>(weight), ElementType::Int8);
    const std::string scales = scalesOf(emission, *dequantize);
    const std::int64_t count = dequantize->op == graph::op::dequantizePerTensor ? 1 : weight.shape()[0];
    const std::string zeros = emission.constant("zero_points", tensor::Tensor::zeros(tensor::DType::Int8, {count}), ElementType::Int8);
    return emission.add("DequantizeLinear", {matrix, scales, zeros}, {integerAttribute("axis", 1)});
}

std::optional<std::vector<std::int32_t>> exactInUnits(const std::vector<float>& bias, const std::vector<float>& units) {
    auto integers = quantization::inUnits(bias, units);
    for (std::size_t at = 0; integers && at < bias.size(); ++at) {
        if (static_cast<float>((*integers)[at]) * units[at] != bias[at]) return std::nullopt;
    }
    return integers;
}

/// The bias of a Gemm. Where it is whole numbers of what integer kernels add it in, it is written as these: without any quantization behind
/// it ONNX Runtime computes a layer in integers (QGemm) only so, and restores its weights in each call otherwise.
std::string biasOfRows(Emission& emission, const Node& node) {
    const tensor::Tensor* bias = graph::weightData(emission.graph(), node.operands[2]);
    const auto weight = graph::weightOf(emission.graph(), emission.uses(), node);
    if (bias == nullptr || bias->dtype() != tensor::DType::Float32 || !weight) return input(emission, node, 2);
    const auto units = quantization::biasUnits(emission.graph(), emission.uses(), node, *weight, bias->elementCount());
    const auto integers = units ? exactInUnits(bias->toFloats(), *units) : std::nullopt;
    if (!integers) return input(emission, node, 2);
    const tensor::Shape channels{std::ssize(*integers)};
    return emission.add("DequantizeLinear",
                        {emission.constant("bias", tensor::Tensor::of<std::int32_t>(channels, *integers), ElementType::Int32),
                         emission.constant("bias_scale", tensor::Tensor::of<float>(channels, *units), ElementType::Float)},
                        {integerAttribute("axis", 0)});
}

/// Gemm for rows; for inputs of more dimensions, or of an unknown number, the product with the transposed weight.
void linear(Emission& emission, const Node& node) {
    if (const auto layer = integerLinear(emission, node)) return emitIntegerLinear(emission, node, *layer);
    if (!hasRows(emission, node)) {
        const std::vector<std::string> factors{input(emission, node, 0), transposedWeight(emission, node)};
        const bool isProductAlone = node.op == graph::op::linear && (node.operands.size() < 3 || node.operands[2].isNone());
        if (isProductAlone) return emission.addTo(emission.result(node), "MatMul", factors);
        return finishLinear(emission, node, emission.add("MatMul", factors));
    }
    std::vector<std::string> inputs{input(emission, node, 0), input(emission, node, 1)};
    if (node.operands.size() > 2 && !node.operands[2].isNone()) inputs.push_back(biasOfRows(emission, node));
    const std::vector<std::string> attributes{integerAttribute("transB", 1)};
    if (node.op == graph::op::linear) return emission.addTo(emission.result(node), "Gemm", inputs, attributes);
    emission.addTo(emission.result(node), "Relu", {emission.add("Gemm", inputs, attributes)});
}

/// The dequantize node of a table whose integers are looked up, so that only the rows that were found are restored; or null.
const Node* lookedUpTable(const Emission& emission, const Node& node) {
    if (node.op != graph::op::embedding) return nullptr;
    const Node* table = integerWeight(emission, node, 0);
    const bool isIts =
        table != nullptr && table->op == graph::op::dequantizePerChannel && emission.uses().uses(table->results[0]).size() == 1;
    return isIts ? table : nullptr;
}

void embedding(Emission& emission, const Node& node) {
    const std::string rows = input(emission, node, 1);
    const Node* table = lookedUpTable(emission, node);
    if (table == nullptr) return emission.addTo(emission.result(node), "Gather", {input(emission, node, 0), rows});
    const std::string integers = emission.add("Gather", {input(emission, *table, 0), rows});
    const std::string scales =
        emission.add("Unsqueeze", {emission.add("Gather", {input(emission, *table, 1), rows}), emission.integers({-1})});
    emission.addTo(emission.result(node), "Mul", {castTo(emission, integers, tensor::DType::Float32), scales});
}

constexpr std::array entries{EmitEntry{graph::op::linear, linear}, EmitEntry{graph::op::linearRelu, linear},
                             EmitEntry{graph::op::embedding, embedding}};

} // namespace

std::span<const EmitEntry> layerEmitters() { return entries; }

bool isReadAsIntegers(const Emission& emission, const Node& dequantize) {
    const auto& uses = emission.uses().uses(dequantize.results[0]);
    return graph::isDequantize(dequantize.op) && !uses.empty() && std::ranges::all_of(uses, [&](const graph::UseIndex::Use& use) {
               if (use.node == nullptr) return false;
               if (integerLinear(emission, *use.node)) return use.operand < 2;
               return (use.operand == 0 && lookedUpTable(emission, *use.node) != nullptr) ||
                      (use.operand == 1 && storedTransposed(emission, *use.node) != nullptr);
           });
}

} // namespace lathe::formats::onnx
