// Activations.
#include <algorithm>
#include <array>
#include <cmath>

#include <core/formats/onnx/emit.h>
#include <core/formats/onnx/message_writer.h>
#include <core/graph/operators/names.h>

namespace lathe::formats::onnx {

namespace {

using tensor::DType;

void attributed(Emission& emission, const Node& node, const std::string& op, const std::vector<std::string>& attributes) {
    emission.addTo(emission.result(node), op, {input(emission, node, 0)}, attributes);
}

constexpr char reluName[] = "Relu", sigmoidName[] = "Sigmoid", tanhName[] = "Tanh", hardSwishName[] = "HardSwish", seluName[] = "Selu";

void softmax(Emission& emission, const Node& node) {
    const char* op = node.op.find("log_softmax") == std::string::npos ? "Softmax" : "LogSoftmax";
    attributed(emission, node, op, {integerAttribute("axis", integerAt(node, 1, -1))});
}

/// Between two bounds, which may be missing.
void clip(Emission& emission, const Node& node, const Operand& low, const Operand& high) {
    const DType dtype = typeOf(emission, node.operands[0]);
    emission.addTo(emission.result(node), "Clip", {input(emission, node, 0), emission.name(low, dtype), emission.name(high, dtype)});
}
Operand operandOr(const Node& node, std::size_t index, const Operand& otherwise) {
    return index < node.operands.size() ? node.operands[index] : otherwise;
}
void clamp(Emission& emission, const Node& node) { clip(emission, node, operandOr(node, 1, {}), operandOr(node, 2, {})); }
void clampMax(Emission& emission, const Node& node) { clip(emission, node, {}, node.operands.at(1)); }
void hardTanh(Emission& emission, const Node& node) {
    clip(emission, node, operandOr(node, 1, graph::Literal(-1.0)), operandOr(node, 2, graph::Literal(1.0)));
}
void relu6(Emission& emission, const Node& node) { clip(emission, node, graph::Literal(0.0), graph::Literal(6.0)); }

void leakyRelu(Emission& emission, const Node& node) {
    attributed(emission, node, "LeakyRelu", {floatAttribute("alpha", static_cast<float>(numberAt(node, 1, 0.01)))});
}

/// In evaluation the slope is the middle of its range.
void randomLeakyRelu(Emission& emission, const Node& node) {
    if (flagAt(node, 3, false)) throw CannotEmit{"is in training mode"};
    attributed(emission, node, "LeakyRelu",
               {floatAttribute("alpha", static_cast<float>((numberAt(node, 1, 0.125) + numberAt(node, 2, 1.0 / 3)) / 2))});
}

/// A slope for each channel, along the second dimension.
void prelu(Emission& emission, const Node& node) {
    std::string slope = input(emission, node, 1);
    if (const auto rank = rankOf(emission, node.operands[0]); sizeOf(emission, node.operands.at(1), 0) != 1) {
        Integers shape(static_cast<std::size_t>(std::max<std::int64_t>(rank.value_or(4) - 1, 1)), 1);
        shape.front() = -1;
        slope = emission.add("Reshape", {slope, emission.integers(shape)});
    }
    emission.addTo(emission.result(node), "PRelu", {input(emission, node, 0), slope});
}

/// scale · (x > 0 ? x : α · (exp(x · inner scale) − 1))
void elu(Emission& emission, const Node& node) {
    const double alpha = numberAt(node, 1, 1), scale = numberAt(node, 2, 1), inner = numberAt(node, 3, 1);
    if (scale == 1 && inner == 1) return attributed(emission, node, "Elu", {floatAttribute("alpha", static_cast<float>(alpha))});
    if (inner != 1) throw CannotEmit{"is an ELU whose input is scaled"};
    attributed(emission, node, "Selu",
               {floatAttribute("alpha", static_cast<float>(alpha)), floatAttribute("gamma", static_cast<float>(scale))});
}
void celu(Emission& emission, const Node& node) {
    attributed(emission, node, "Celu", {floatAttribute("alpha", static_cast<float>(numberAt(node, 1, 1)))});
}

void hardShrink(Emission& emission, const Node& node) {
    attributed(emission, node, "Shrink",
               {floatAttribute("lambd", static_cast<float>(numberAt(node, 1, 0.5))), floatAttribute("bias", 0.0F)});
}
void softShrink(Emission& emission, const Node& node) {
    const auto lambda = static_cast<float>(numberAt(node, 1, 0.5));
    attributed(emission, node, "Shrink", {floatAttribute("lambd", lambda), floatAttribute("bias", lambda)});
}
void threshold(Emission& emission, const Node& node) {
    const DType dtype = typeOf(emission, node.operands[0]);
    const std::string x = input(emission, node, 0);
    const std::string isAbove = emission.add("Greater", {x, emission.name(node.operands.at(1), dtype)});
    emission.addTo(emission.result(node), "Where", {isAbove, x, emission.name(node.operands.at(2), dtype)});
}

void silu(Emission& emission, const Node& node) {
    emission.addTo(emission.result(node), "Mul", {input(emission, node, 0), emission.add("Sigmoid", {input(emission, node, 0)})});
}
void hardSigmoid(Emission& emission, const Node& node) { attributed(emission, node, "HardSigmoid", {floatAttribute("alpha", 1.0F / 6)}); }
void logSigmoid(Emission& emission, const Node& node) {
    emission.addTo(emission.result(node), "Neg", {emission.add("Softplus", {emission.add("Neg", {input(emission, node, 0)})})});
}
/// log(1 + exp(β x)) / β
void softplus(Emission& emission, const Node& node) {
    const double beta = numberAt(node, 1, 1);
    if (beta == 1) return emission.addTo(emission.result(node), "Softplus", {input(emission, node, 0)});
    const std::string factor = number(emission, beta, typeOf(emission, node.operands[0]));
    const std::string scaled = emission.add("Softplus", {emission.add("Mul", {input(emission, node, 0), factor})});
    emission.addTo(emission.result(node), "Div", {scaled, factor});
}
void mish(Emission& emission, const Node& node) {
    const std::string x = input(emission, node, 0);
    emission.addTo(emission.result(node), "Mul", {x, emission.add("Tanh", {emission.add("Softplus", {x})})});
}
/// One half times the sigmoid of the other.
void glu(Emission& emission, const Node& node) {
    const std::int64_t axis = integerAt(node, 1, -1), half = knownSize(emission, node.operands[0], axis) / 2;
    const std::string value = node.name + "/value", gate = node.name + "/gate";
    emission.addTo({value, gate}, "Split", {input(emission, node, 0), emission.integers({half, half})}, {integerAttribute("axis", axis)});
    emission.addTo(emission.result(node), "Mul", {value, emission.add("Sigmoid", {gate})});
}

/// x/2 · (1 + erf(x/√2)), or with tanh(√(2/π) · (x + 0.044715 x³)) in the place of erf.
void gelu(Emission& emission, const Node& node) {
    const bool hasTanh = node.operands.size() > 1 && node.operands[1].literal<std::string>() == "tanh";
    const DType dtype = typeOf(emission, node.operands[0]);
    const std::string x = input(emission, node, 0);
    std::string bent;
    if (hasTanh) {
        const std::string cube = emission.add("Mul", {emission.add("Mul", {x, x}), x});
        const std::string inner = emission.add("Add", {x, emission.add("Mul", {cube, number(emission, 0.044715, dtype)})});
        bent = emission.add("Tanh", {emission.add("Mul", {inner, number(emission, std::sqrt(2 / 3.14159265358979323846), dtype)})});
    } else {
        bent = emission.add("Erf", {emission.add("Div", {x, number(emission, std::sqrt(2.0), dtype)})});
    }
    const std::string half = emission.add("Mul", {x, number(emission, 0.5, dtype)});
    emission.addTo(emission.result(node), "Mul", {half, emission.add("Add", {bent, number(emission, 1, dtype)})});
}

constexpr std::array entries{
    EmitEntry{graph::op::relu, unary<reluName>},
    EmitEntry{"aten::relu_", unary<reluName>},
    EmitEntry{"aten::sigmoid", unary<sigmoidName>},
    EmitEntry{"aten::sigmoid_", unary<sigmoidName>},
    EmitEntry{"aten::tanh", unary<tanhName>},
    EmitEntry{"aten::tanh_", unary<tanhName>},
    EmitEntry{"aten::hardswish", unary<hardSwishName>},
    EmitEntry{"aten::hardswish_", unary<hardSwishName>},
    EmitEntry{"aten::selu", unary<seluName>},
    EmitEntry{"aten::softmax.int", softmax},
    EmitEntry{"aten::_softmax", softmax},
    EmitEntry{"aten::log_softmax.int", softmax},
    EmitEntry{"aten::_log_softmax", softmax},
    EmitEntry{"aten::clamp", clamp},
    EmitEntry{"aten::clamp_min", clamp},
    EmitEntry{"aten::clamp_max", clampMax},
    EmitEntry{"aten::hardtanh", hardTanh},
    EmitEntry{"aten::hardtanh_", hardTanh},
    EmitEntry{"aten::relu6", relu6},
    EmitEntry{"aten::leaky_relu", leakyRelu},
    EmitEntry{"aten::leaky_relu_", leakyRelu},
    EmitEntry{"aten::rrelu", randomLeakyRelu},
    EmitEntry{"aten::prelu", prelu},
    EmitEntry{"aten::_prelu_kernel", prelu},
    EmitEntry{"aten::elu", elu},
    EmitEntry{"aten::elu_", elu},
    EmitEntry{"aten::celu", celu},
    EmitEntry{"aten::hardshrink", hardShrink},
    EmitEntry{"aten::softshrink", softShrink},
    EmitEntry{"aten::threshold", threshold},
    EmitEntry{"aten::silu", silu},
    EmitEntry{"aten::silu_", silu},
    EmitEntry{"aten::hardsigmoid", hardSigmoid},
    EmitEntry{"aten::hardsigmoid_", hardSigmoid},
    EmitEntry{"aten::log_sigmoid", logSigmoid},
    EmitEntry{"aten::softplus", softplus},
    EmitEntry{"aten::mish", mish},
    EmitEntry{"aten::mish_", mish},
    EmitEntry{"aten::glu", glu},
    EmitEntry{"aten::gelu", gelu},
};

} // namespace

std::span<const EmitEntry> activationEmitters() { return entries; }

} // namespace lathe::formats::onnx
