#include <core/formats/onnx/microsoft_operators.h>

#include <algorithm>
#include <map>
#include <string>

namespace lathe::formats::onnx {

namespace {

using Names = std::vector<std::string>;
using Attributes = std::vector<AttributeProto>;

AttributeProto integerOf(std::string name, std::int64_t value) {
    AttributeProto attribute;
    attribute.name = std::move(name);
    attribute.type = 2;
    attribute.i = value;
    return attribute;
}

AttributeProto floatOf(std::string name, float value) {
    AttributeProto attribute;
    attribute.name = std::move(name);
    attribute.type = 1;
    attribute.f = value;
    return attribute;
}

AttributeProto textOf(std::string name, std::string value) {
    AttributeProto attribute;
    attribute.name = std::move(name);
    attribute.type = 3;
    attribute.s = std::move(value);
    return attribute;
}

AttributeProto integersOfAttribute(std::string name, Integers values) {
    AttributeProto attribute;
    attribute.name = std::move(name);
    attribute.type = 7;
    attribute.ints = std::move(values);
    return attribute;
}

/// The nodes that take the place of one.
class Parts {
public:
    explicit Parts(Call& call) : m_call(call), m_node(call.node()) {
        const auto named = std::ranges::find_if(m_node.outputs, [](const std::string& name) { return !name.empty(); });
        m_prefix = (named == m_node.outputs.end() ? m_node.name : *named) + "/";
    }

    [[nodiscard]] Call& call() { return m_call; }
    [[nodiscard]] std::string in(std::size_t index) const { return index < m_node.inputs.size() ? m_node.inputs[index] : ""; }
    [[nodiscard]] std::string out(std::size_t index) const { return index < m_node.outputs.size() ? m_node.outputs[index] : ""; }
    [[nodiscard]] Attributes attributesBut(const Names& others) const {
        Attributes kept;
        std::ranges::copy_if(m_node.attributes, std::back_inserter(kept),
                             [&](const AttributeProto& attribute) { return std::ranges::find(others, attribute.name) == others.end(); });
        return kept;
    }

    /// Adds a node; returns its first output, which gets a new name unless `outputs` says them all.
    std::string add(const std::string& op, Names inputs, Attributes attributes = {}, Names outputs = {}) {
        NodeProto node;
        node.name = m_node.name;
        node.opType = op;
        while (!inputs.empty() && inputs.back().empty())
            inputs.pop_back();
        node.inputs = std::move(inputs);
        if (outputs.empty()) outputs = {fresh()};
        node.outputs = std::move(outputs);
        node.attributes = std::move(attributes);
        nodes.push_back(std::move(node));
        return nodes.back().outputs.front();
    }
    std::string fresh() { return m_prefix + std::to_string(nodes.size()) + "." + std::to_string(m_count++); }
    /// The value as the node's output `index`.
    void give(std::size_t index, const std::string& value) {
        if (!out(index).empty()) add("Identity", {value}, {}, {out(index)});
    }

    std::string constant(TensorProto tensor) {
        AttributeProto value;
        value.name = "value";
        value.type = 4;
        value.t.push_back(std::move(tensor));
        return add("Constant", {}, {value});
    }
    /// A weight that is known now.
    std::string bound(tensor::Tensor data) {
        const std::string name = fresh();
        m_call.lowering().bind(name, m_call.weight("integers", std::move(data)));
        return name;
    }
    std::string integersConstant(Integers values) {
        TensorProto tensor;
        tensor.dims = {static_cast<std::int64_t>(values.size())};
        tensor.dataType = ElementType::Int64;
        tensor.integerData = std::move(values);
        return constant(std::move(tensor));
    }
    std::string byteConstant(std::int64_t value) {
        TensorProto tensor;
        tensor.dataType = ElementType::UInt8;
        tensor.integerData = {value};
        return constant(std::move(tensor));
    }
    std::string floatConstant(float value) {
        TensorProto tensor;
        tensor.dataType = ElementType::Float;
        tensor.floatData = {value};
        return constant(std::move(tensor));
    }
    std::string reshape(const std::string& value, Integers shape) { return add("Reshape", {value, integersConstant(std::move(shape))}); }
    std::string dequantized(std::size_t at) { return add("DequantizeLinear", {in(at), in(at + 1), in(at + 2)}); }
    void quantize(const std::string& value, std::size_t scale) { add("QuantizeLinear", {value, in(scale), in(scale + 1)}, {}, {out(0)}); }
    std::string toFloat(const std::string& value) { return add("Cast", {value}, {integerOf("to", 1)}); }
    std::string plus(const std::string& value, const std::string& bias) { return bias.empty() ? value : add("Add", {value, bias}); }

    std::vector<NodeProto> nodes;

private:
    Call& m_call;
    const NodeProto& m_node;
    std::string m_prefix;
    int m_count = 0;
};

void sameAsStandard(Parts& parts) {
    const NodeProto& node = parts.call().node();
    parts.add(node.opType, node.inputs, node.attributes, node.outputs);
}

/// Integers in and out of an operator of one input: x, scale, zero point, scale and zero point of the result.
void quantizedUnary(Parts& parts, const std::string& op, const Names& otherAttributes = {}) {
    parts.quantize(parts.add(op, {parts.dequantized(0)}, parts.attributesBut(otherAttributes)), 3);
}

void quantizedBinary(Parts& parts, const std::string& op) {
    const std::string a = parts.dequantized(0);
    parts.quantize(parts.add(op, {a, parts.dequantized(3)}), 6);
}

void quantizedPool(Parts& parts, const std::string& op) {
    if (parts.call().integerAttribute("channels_last", 0) != 0) parts.call().refuse(op + " with the channels last is not known.");
    quantizedUnary(parts, op, {"channels_last"});
}

void quantizedConcat(Parts& parts) {
    Names values;
    for (std::size_t at = 2; at + 2 < parts.call().node().inputs.size(); at += 3)
        values.push_back(parts.dequantized(at));
    parts.quantize(parts.add("Concat", values, parts.attributesBut({})), 0);
}

void quantizedWhere(Parts& parts) {
    const std::string x = parts.dequantized(1);
    parts.quantize(parts.add("Where", {parts.in(0), x, parts.dequantized(4)}), 7);
}

/// a, scale, zero point, b, scale, zero point, bias as int32 at scale(a) · scale(b), and scale and zero point of the result, if it has
/// some.
void quantizedGemm(Parts& parts) {
    const std::string a = parts.dequantized(0), b = parts.dequantized(3);
    std::string bias;
    if (!parts.in(6).empty()) bias = parts.add("Mul", {parts.toFloat(parts.in(6)), parts.add("Mul", {parts.in(1), parts.in(4)})});
    const std::string product = parts.add("Gemm", {a, b}, parts.attributesBut({}));
    const std::string sum = parts.plus(product, bias);
    if (parts.in(7).empty())
        parts.give(0, sum);
    else
        parts.quantize(sum, 7);
}

/// The activation that is fused into an operator, by its attributes.
std::string activated(Parts& parts, const std::string& value) {
    Call& call = parts.call();
    const std::string name = call.textAttribute("activation", "");
    const AttributeProto* given = call.attribute("activation_params");
    const std::vector<float> numbers = given != nullptr ? given->floats : std::vector<float>{};
    const auto at = [&](std::size_t index, float otherwise) { return index < numbers.size() ? numbers[index] : otherwise; };
    if (name.empty()) return value;
    if (name == "Relu" || name == "Tanh" || name == "Sigmoid" || name == "HardSwish") return parts.add(name, {value});
    if (name == "LeakyRelu")
        return parts.add(
            name, {value},
            {floatOf("alpha", at(0, call.attribute("activation_alpha") ? static_cast<float>(call.floatAttribute("activation_alpha", 0.01))
                                                                       : 0.01F))});
    if (name == "HardSigmoid") return parts.add(name, {value}, {floatOf("alpha", at(0, 0.2F)), floatOf("beta", at(1, 0.5F))});
    if (name == "Clip") {
        const std::string low = parts.floatConstant(at(0, -3.4e38F));
        return parts.add("Clip", {value, low, parts.floatConstant(at(1, 3.4e38F))});
    }
    call.refuse("The activation \"" + name + "\" of " + call.node().opType + " is not known.");
}

const Names activationAttributes{"activation", "activation_params", "activation_alpha", "activation_beta", "activation_gamma"};

/// x, weight, bias and what is added before the activation.
void fusedConv(Parts& parts) {
    const std::string sum = parts.add("Conv", {parts.in(0), parts.in(1), parts.in(2)}, parts.attributesBut(activationAttributes));
    parts.give(0, activated(parts, parts.plus(sum, parts.in(3))));
}

void fusedGemm(Parts& parts) {
    parts.give(0, activated(parts, parts.add("Gemm", {parts.in(0), parts.in(1), parts.in(2)}, parts.attributesBut(activationAttributes))));
}

void fusedMatMul(Parts& parts) {
    Call& call = parts.call();
    if (call.integerAttribute("transBatchA", 0) != 0 || call.integerAttribute("transBatchB", 0) != 0)
        call.refuse("FusedMatMul that turns batches is not known.");
    Names operands;
    for (const std::size_t index : {0, 1}) {
        std::string operand = parts.in(index);
        if (call.integerAttribute(index == 0 ? "transA" : "transB", 0) != 0) {
            const std::int64_t rank = call.needRank(call.input(index));
            Integers order;
            for (std::int64_t axis = 0; axis < rank; ++axis)
                order.push_back(axis);
            if (rank > 1) std::swap(order[static_cast<std::size_t>(rank - 1)], order[static_cast<std::size_t>(rank - 2)]);
            operand = parts.add("Transpose", {operand}, {integersOfAttribute("perm", order)});
        }
        operands.push_back(operand);
    }
    const std::string product = parts.add("MatMul", operands);
    const auto alpha = static_cast<float>(call.floatAttribute("alpha", 1));
    parts.give(0, alpha == 1 ? product : parts.add("Mul", {product, parts.floatConstant(alpha)}));
}

void biasGelu(Parts& parts, const std::string& approximation) {
    parts.add("Gelu", {parts.plus(parts.in(0), parts.in(1))}, {textOf("approximate", approximation)}, {parts.out(0)});
}

void quickGelu(Parts& parts) {
    const auto alpha = static_cast<float>(parts.call().floatAttribute("alpha", 1.702F));
    const std::string gate = parts.add("Sigmoid", {parts.add("Mul", {parts.in(0), parts.floatConstant(alpha)})});
    parts.add("Mul", {parts.in(0), gate}, {}, {parts.out(0)});
}

AttributeProto epsilonOf(Parts& parts, double otherwise) {
    return floatOf("epsilon", static_cast<float>(parts.call().floatAttribute("epsilon", otherwise)));
}

/// x, what is added to it, scale, shift and bias; the sum is the fourth output.
void skipLayerNormalization(Parts& parts) {
    const std::string sum = parts.plus(parts.add("Add", {parts.in(0), parts.in(1)}), parts.in(4));
    parts.add("LayerNormalization", {sum, parts.in(2), parts.in(3)}, {integerOf("axis", -1), epsilonOf(parts, 1e-12)}, {parts.out(0)});
    parts.give(3, sum);
}

void skipSimplifiedLayerNormalization(Parts& parts) {
    const std::string sum = parts.plus(parts.add("Add", {parts.in(0), parts.in(1)}), parts.in(3));
    parts.add("RMSNormalization", {sum, parts.in(2)}, {integerOf("axis", -1), epsilonOf(parts, 1e-12)}, {parts.out(0)});
    parts.give(3, sum);
}

void simplifiedLayerNormalization(Parts& parts) {
    parts.add("RMSNormalization", {parts.in(0), parts.in(1)},
              {integerOf("axis", parts.call().integerAttribute("axis", -1)), epsilonOf(parts, 1e-5)}, {parts.out(0)});
}

/// A product of bytes as floats, times both scales.
void scaledProduct(Parts& parts, const Names& operands, const std::string& scaleA, const std::string& scaleB, const std::string& bias) {
    const std::string product = parts.toFloat(parts.add("MatMulInteger", operands));
    parts.give(0, parts.plus(parts.add("Mul", {product, parts.add("Mul", {scaleA, scaleB})}), bias));
}

/// a, b as integers, its scale and zero point, bias.
void dynamicQuantizeMatMul(Parts& parts) {
    const std::string values = parts.fresh(), scale = parts.fresh(), zero = parts.fresh();
    parts.add("DynamicQuantizeLinear", {parts.in(0)}, {}, {values, scale, zero});
    scaledProduct(parts, {values, parts.in(1), zero, parts.in(3)}, scale, parts.in(2), parts.in(4));
}

/// a, b, their scales, their zero points, bias.
void matMulIntegerToFloat(Parts& parts) {
    scaledProduct(parts, {parts.in(0), parts.in(1), parts.in(4), parts.in(5)}, parts.in(2), parts.in(3), parts.in(6));
}

/// Two integers of four bits to a byte, the lower one first: [rows, count]. What is constant is unpacked now.
std::string unpacked(Parts& parts, std::size_t input, std::int64_t rows) {
    if (const tensor::Tensor* data = parts.call().constant(input); data != nullptr && data->dtype() == DType::UInt8) {
        const tensor::Tensor packed = data->contiguous();
        std::vector<std::uint8_t> values;
        for (const std::uint8_t byte : packed.values<std::uint8_t>()) {
            values.push_back(byte & 15U);
            values.push_back(byte >> 4U);
        }
        const auto count = static_cast<std::int64_t>(values.size());
        if (count % rows != 0) parts.call().refuse("The integers of MatMulNBits are not as many as its sizes say.");
        return parts.bound(tensor::Tensor::of<std::uint8_t>({rows, count / rows}, values));
    }
    const std::string low = parts.add("BitwiseAnd", {parts.in(input), parts.byteConstant(15)});
    const std::string high = parts.add("BitShift", {parts.in(input), parts.byteConstant(4)}, {textOf("direction", "RIGHT")});
    const std::string first = parts.reshape(low, {rows, -1, 1});
    return parts.reshape(parts.add("Concat", {first, parts.reshape(high, {rows, -1, 1})}, {integerOf("axis", 2)}), {rows, -1});
}

/// a · wᵀ + bias: w[N, K] in blocks along K, each with a scale and a zero point.
void matMulNBits(Parts& parts) {
    Call& call = parts.call();
    const std::int64_t k = call.integerAttribute("K", 0), n = call.integerAttribute("N", 0), block = call.integerAttribute("block_size", 0);
    const std::int64_t bits = call.integerAttribute("bits", 4);
    if (k < 1 || n < 1 || block < 1 || k > (1 << 28) || n > (1 << 28) || block > (1 << 20))
        call.refuse("MatMulNBits has sizes that cannot be.");
    if (bits != 4 && bits != 8) call.refuse("MatMulNBits with " + std::to_string(bits) + " bits is not known.");
    if (!parts.in(4).empty()) call.refuse("MatMulNBits with groups in another order (g_idx) is not known.");
    const std::int64_t blocks = (k + block - 1) / block;
    const auto wholes = [&](std::size_t input) { return bits == 4 ? unpacked(parts, input, n) : parts.reshape(parts.in(input), {n, -1}); };
    const std::string integers = parts.reshape(parts.toFloat(wholes(1)), {n, blocks, block});
    std::string zeros = parts.floatConstant(static_cast<float>(1 << (bits - 1)));
    if (!parts.in(3).empty()) {
        const bool isPacked = !call.isFloat(call.input(3));
        std::string all = isPacked ? wholes(3) : parts.in(3);
        if (isPacked) // a row of an odd number of blocks ends with half a byte
            all = parts.add("Slice", {all, parts.integersConstant({0}), parts.integersConstant({blocks}), parts.integersConstant({1})});
        zeros = parts.reshape(parts.toFloat(all), {n, blocks, 1});
    }
    const std::string scales = parts.reshape(parts.toFloat(parts.in(2)), {n, blocks, 1});
    const std::string weight = parts.reshape(parts.add("Mul", {parts.add("Sub", {integers, zeros}), scales}), {n, blocks * block});
    const std::string cut =
        parts.add("Slice", {weight, parts.integersConstant({0}), parts.integersConstant({k}), parts.integersConstant({1})});
    const std::string turned = parts.add("Transpose", {cut}, {integersOfAttribute("perm", {1, 0})});
    // Half precision computes in half.
    const std::string fitting = call.isFloat(call.input(0)) ? parts.add("CastLike", {turned, parts.in(0)}) : turned;
    parts.give(0, parts.plus(parts.add("MatMul", {parts.in(0), fitting}), parts.in(5)));
}

/// An LSTM whose weights are integers of shape [directions, inputs, gates · hidden]; inputs 8 to 11 are their scales and zero points.
void dynamicQuantizeLstm(Parts& parts) {
    const std::int64_t directions = parts.call().textAttribute("direction", "forward") == "bidirectional" ? 2 : 1;
    const auto weight = [&](std::size_t at, std::size_t scale) {
        const std::string zeros = parts.reshape(parts.toFloat(parts.in(scale + 1)), {directions, 1, -1});
        const std::string shifted = parts.add("Sub", {parts.toFloat(parts.in(at)), zeros});
        const std::string scaled = parts.add("Mul", {shifted, parts.reshape(parts.in(scale), {directions, 1, -1})});
        return parts.add("Transpose", {scaled}, {integersOfAttribute("perm", {0, 2, 1})});
    };
    const std::string w = weight(1, 8), r = weight(2, 10);
    parts.add("LSTM", {parts.in(0), w, r, parts.in(3), parts.in(4), parts.in(5), parts.in(6), parts.in(7)}, parts.attributesBut({}),
              parts.call().node().outputs);
}

/// Tables of words, positions and segments, added and normalized.
void embedLayerNormalization(Parts& parts) {
    Call& call = parts.call();
    const std::string words = parts.add("Gather", {parts.in(2), parts.in(0)});
    std::string positions;
    if (!parts.in(8).empty()) {
        positions = parts.add("Gather", {parts.in(3), parts.in(8)});
    } else {
        const std::string length = parts.add("Gather", {parts.add("Shape", {parts.in(0)}), parts.integersConstant({1})});
        positions = parts.add("Slice", {parts.in(3), parts.integersConstant({0}), length, parts.integersConstant({0})});
    }
    std::string sum = parts.add("Add", {words, positions});
    if (!parts.in(1).empty() && !parts.in(4).empty()) sum = parts.add("Add", {sum, parts.add("Gather", {parts.in(4), parts.in(1)})});
    parts.add("LayerNormalization", {sum, parts.in(5), parts.in(6)}, {integerOf("axis", -1), epsilonOf(parts, 1e-12)}, {parts.out(0)});
    if (call.wantsOutput(1)) { // how many words are no padding
        const bool isMasked = !parts.in(7).empty();
        const std::string batch = parts.add("Gather", {parts.add("Shape", {parts.in(0)}), parts.integersConstant({0})});
        TensorProto zero;
        zero.dims = {1};
        zero.dataType = ElementType::Int32;
        zero.integerData = {0};
        AttributeProto value;
        value.name = "value";
        value.type = 4;
        value.t.push_back(std::move(zero));
        if (!isMasked)
            parts.give(1, parts.add("ConstantOfShape", {batch}, {value}));
        else if (call.opset() >= 13)
            parts.give(1, parts.add("ReduceSum", {parts.in(7), parts.integersConstant({1})}, {integerOf("keepdims", 0)}));
        else
            parts.give(1, parts.add("ReduceSum", {parts.in(7)}, {integersOfAttribute("axes", {1}), integerOf("keepdims", 0)}));
    }
    parts.give(2, sum);
}

using Write = void (*)(Parts&);
const std::map<std::string_view, Write>& table() {
    static const std::map<std::string_view, Write> operators{
        {"QuantizeLinear", sameAsStandard},
        {"DequantizeLinear", sameAsStandard},
        {"QLinearAdd", [](Parts& parts) { quantizedBinary(parts, "Add"); }},
        {"QLinearMul", [](Parts& parts) { quantizedBinary(parts, "Mul"); }},
        {"QLinearSigmoid", [](Parts& parts) { quantizedUnary(parts, "Sigmoid"); }},
        {"QLinearLeakyRelu", [](Parts& parts) { quantizedUnary(parts, "LeakyRelu"); }},
        {"QLinearSoftmax", [](Parts& parts) { quantizedUnary(parts, "Softmax", {"opset"}); }},
        {"QLinearReduceMean", [](Parts& parts) { quantizedUnary(parts, "ReduceMean"); }},
        {"QLinearAveragePool", [](Parts& parts) { quantizedPool(parts, "AveragePool"); }},
        {"QLinearGlobalAveragePool", [](Parts& parts) { quantizedPool(parts, "GlobalAveragePool"); }},
        {"QLinearConcat", quantizedConcat},
        {"QLinearWhere", quantizedWhere},
        {"QGemm", quantizedGemm},
        {"FusedConv", fusedConv},
        {"FusedGemm", fusedGemm},
        {"FusedMatMul", fusedMatMul},
        {"TransposeMatMul", fusedMatMul},
        {"Gelu", sameAsStandard},
        {"BiasGelu", [](Parts& parts) { biasGelu(parts, "none"); }},
        {"FastGelu", [](Parts& parts) { biasGelu(parts, "tanh"); }},
        {"QuickGelu", quickGelu},
        {"SkipLayerNormalization", skipLayerNormalization},
        {"SkipSimplifiedLayerNormalization", skipSimplifiedLayerNormalization},
        {"SimplifiedLayerNormalization", simplifiedLayerNormalization},
        {"EmbedLayerNormalization", embedLayerNormalization},
        {"DynamicQuantizeMatMul", dynamicQuantizeMatMul},
        {"MatMulIntegerToFloat", matMulIntegerToFloat},
        {"MatMulNBits", matMulNBits},
        {"DynamicQuantizeLSTM", dynamicQuantizeLstm},
    };
    return operators;
}

} // namespace

std::optional<std::vector<NodeProto>> standardNodes(Call& call) {
    // ONNX Runtime writes this one without a domain.
    const bool isTheirs = call.node().domain == "com.microsoft" || call.node().opType == "SimplifiedLayerNormalization";
    const auto found = isTheirs ? table().find(call.node().opType) : table().end();
    if (found == table().end()) return std::nullopt;
    Parts parts(call);
    found->second(parts);
    return std::move(parts.nodes);
}

} // namespace lathe::formats::onnx
