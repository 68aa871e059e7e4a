#include <core/formats/torchscript/quantized_emitter_torch.h>

#include <algorithm>
#include <array>
#include <string_view>

#include <core/formats/quantized_weights_torch.h>
#include <core/formats/torchscript/qdq_arithmetic_torch.h>
#include <core/graph/operators/names.h>
#include <core/graph/operators/operator.h>

namespace lathe::formats {

namespace {

namespace jit = torch::jit;
namespace op = graph::op;
using graph::Node;
using IntList = std::vector<std::int64_t>;

/// Results are some of the inputs' numbers (or zero, which quantized tensors hold exactly), so quantizing before or after is the same.
constexpr std::array<std::string_view, 16> passThrough{"aten::relu",          "aten::max_pool2d",  "aten::flatten.using_ints",
                                                       "aten::view",          "aten::reshape",     "aten::permute",
                                                       "aten::transpose.int", "aten::t",           "aten::contiguous",
                                                       "aten::squeeze",       "aten::squeeze.dim", "aten::unsqueeze",
                                                       "aten::slice.Tensor",  "aten::select.int",  "aten::clone",
                                                       "aten::alias"};

/// Averages of quint8 tensors keep the scale of their input and round to it.
constexpr std::array<std::string_view, 2> averages{"aten::adaptive_avg_pool2d", "aten::avg_pool2d"};

template<class Names>
bool contains(const Names& names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

/// The parameters of a static per-tensor node, if 8 bits hold them. Signed activations are the unsigned ones shifted by 128.
std::optional<Activation> activationOf(const Node& node) {
    if (node.op != op::quantizePerTensor && node.op != op::dequantizePerTensor) return std::nullopt;
    const auto scale = node.operands[1].literal<double>();
    const auto zeroPoint = node.operands[2].literal<std::int64_t>();
    const auto minimum = node.operands[3].literal<std::int64_t>(), maximum = node.operands[4].literal<std::int64_t>();
    const auto dtype = node.operands[5].literal<std::string>();
    if (!scale || !zeroPoint || !minimum || !maximum || (dtype != "uint8" && dtype != "int8")) return std::nullopt;
    const std::int64_t shift = dtype == "int8" ? 128 : 0;
    return Activation{*scale, *zeroPoint + shift, *minimum + shift, *maximum + shift};
}

std::optional<ConvolutionGeometry> geometryOf(const Node& node) {
    const auto stride = node.operands[3].literal<IntList>(), padding = node.operands[4].literal<IntList>(),
               dilation = node.operands[5].literal<IntList>();
    const auto groups = node.operands[6].literal<std::int64_t>();
    if (!stride || !padding || !dilation || !groups) return std::nullopt;
    const auto pair = [](IntList list) {
        if (list.size() == 1) list.push_back(list.front());
        return list;
    };
    return ConvolutionGeometry{pair(*stride), pair(*padding), pair(*dilation), *groups};
}

bool isConv2d(const Node& node) { return node.op == op::conv2d || node.op == op::conv2dRelu; }
bool isFusedWithRelu(const Node& node) { return node.op == op::conv2dRelu || node.op == op::linearRelu; }

} // namespace

QuantizedEmitter::QuantizedEmitter(const graph::Graph& graph, const graph::UseIndex& uses, JitValues& values)
    : m_graph(graph), m_uses(uses), m_values(values) {}

base::Result<bool> QuantizedEmitter::emit(const Node& node) {
    if (isDone(node)) {
        m_values.setQuantized(node.results[0], *m_values.quantized(node.operands[0]));
        return true;
    }
    const bool isLayer = isConv2d(node) || graph::isLinear(node.op);
    if (isLayer) return emitStatic(node) || emitDynamic(node);
    if (node.op == "aten::add.Tensor") return emitAdd(node);
    if (!graph::isQuantize(node.op) && !graph::isDequantize(node.op) && !graph::choosesQparams(node.op)) return false;
    if (emitQuantize(node) || emitDequantize(node)) return true;
    if (auto arithmetic = emitAsArithmetic(m_graph, node, m_values); !arithmetic) return base::forward(arithmetic);
    return true;
}

bool QuantizedEmitter::isDone(const Node& node) const {
    if (node.op != op::relu) return false;
    // Of integers that begin at zero there is nothing to cut off.
    const auto* input = m_values.quantized(node.operands[0]);
    return m_absorbed.contains(&node) || (input != nullptr && input->activation.zeroPoint == input->activation.minimum);
}

std::optional<JitValues::Quantized> QuantizedEmitter::inputToPassThrough(const Node& node) const {
    if (node.operands.empty() || node.results.size() != 1) return std::nullopt;
    const auto* input = m_values.quantized(node.operands[0]);
    if (input == nullptr) return std::nullopt;
    if (contains(passThrough, node.op)) return *input;
    if (contains(averages, node.op) && outputOf(node) == input->activation) return *input;
    return std::nullopt;
}

bool QuantizedEmitter::emitQuantize(const Node& node) {
    const auto activation = activationOf(node);
    if (!graph::isQuantize(node.op) || !activation) return false;
    // The integers themselves are seen by nobody.
    const bool isDequantizedAlike = std::ranges::all_of(m_uses.uses(node.results[0]), [&](const graph::UseIndex::Use& use) {
        return use.node != nullptr && graph::isDequantize(use.node->op) && activationOf(*use.node) == activation;
    });
    if (!isDequantizedAlike || !node.operands[0].isValue()) return false;
    if (const auto* known = m_values.quantized(node.operands[0]); known != nullptr && known->activation == *activation) {
        m_values.setQuantized(node.results[0], *known);
        return true;
    }
    jit::Value* input = m_values.plain(node.operands[0].value());
    if (activation->isReduced()) {
        const auto bound = [&](std::int64_t step) { return static_cast<double>(step - activation->zeroPoint) * activation->scale; };
        input = m_values.call("aten::clamp", {input, bound(activation->minimum), bound(activation->maximum)});
    }
    constexpr auto quint8 = static_cast<std::int64_t>(c10::ScalarType::QUInt8);
    jit::Value* quantized = m_values.call("aten::quantize_per_tensor", {input, activation->scale, activation->zeroPoint, quint8});
    m_values.setQuantized(node.results[0], {quantized, *activation});
    return true;
}

bool QuantizedEmitter::emitDequantize(const Node& node) {
    if (!graph::isDequantize(node.op)) return false;
    if (const auto* known = m_values.quantized(node.operands[0]); known != nullptr && activationOf(node) == known->activation) {
        m_values.setQuantized(node.results[0], *known);
        return true;
    }
    const auto weight = quantizedWeight(m_graph, node, m_values);
    if (!weight) return false;
    const std::string& name = m_graph.value(node.operands[0].value()).name;
    m_values.setDequantizable(node.results[0], m_values.modules().add(name, *weight, ModuleBuilder::Role::Buffer));
    return true;
}

std::optional<Activation> QuantizedEmitter::outputOf(const Node& node) const {
    for (const Node* current = &node;;) {
        if (current->results.size() != 1) return std::nullopt;
        const auto& uses = m_uses.uses(current->results[0]);
        if (uses.size() != 1 || uses[0].node == nullptr || uses[0].operand != 0) return std::nullopt;
        current = uses[0].node;
        if (graph::isQuantize(current->op)) return activationOf(*current);
        if (!contains(passThrough, current->op)) return std::nullopt;
    }
}

const Node* QuantizedEmitter::followingRelu(const Node& node) const {
    const auto& uses = m_uses.uses(node.results[0]);
    return uses.size() == 1 && uses[0].node != nullptr && uses[0].node->op == op::relu ? uses[0].node : nullptr;
}

void QuantizedEmitter::finish(const Node& node, const Node* relu, jit::Value* value, const Activation& activation) {
    if (activation.isReduced()) {
        const auto bound = [&](std::int64_t step) { return static_cast<double>(step - activation.zeroPoint) * activation.scale; };
        value = m_values.call("aten::clamp", {value, bound(activation.minimum), bound(activation.maximum)});
    }
    m_values.setQuantized(node.results[0], {value, activation});
    if (relu != nullptr) m_absorbed.insert(relu);
}

jit::Value* QuantizedEmitter::packed(const Node& node) {
    const Node* dequantize = node.operands[1].isValue() ? m_uses.producer(node.operands[1].value()) : nullptr;
    if (dequantize == nullptr || !graph::isDequantize(dequantize->op)) return nullptr;
    const auto weight = quantizedWeight(m_graph, *dequantize, m_values);
    const auto bias = floatBias(m_graph, m_uses, node.operands[2], m_values);
    const bool isFirstAxis = weight && (weight->qscheme() == at::kPerTensorAffine || weight->q_per_channel_axis() == 0);
    if (!isFirstAxis || !bias) return nullptr;

    c10::IValue object;
    if (isConv2d(node)) {
        const auto geometry = geometryOf(node);
        if (!geometry || weight->dim() != 4) return nullptr;
        object = packConv2d(*weight, *bias, *geometry);
    } else {
        if (weight->dim() != 2) return nullptr;
        object = packLinear(*weight, *bias);
    }
    const std::string& name = m_graph.value(dequantize->operands[0].value()).name;
    const auto dot = name.rfind('.');
    const std::string path = (dot == std::string::npos ? "" : name.substr(0, dot + 1)) + "_packed_params";
    return m_values.modules().add(path, object, ModuleBuilder::Role::Attribute);
}

bool QuantizedEmitter::emitStatic(const Node& node) {
    const auto* input = m_values.quantized(node.operands[0]);
    const auto output = outputOf(node);
    if (input == nullptr || !output) return false;
    jit::Value* weight = packed(node);
    if (weight == nullptr) return false;
    const Node* relu = followingRelu(node);
    const bool hasRelu = isFusedWithRelu(node) || relu != nullptr;
    const char* name = isConv2d(node) ? (hasRelu ? "quantized::conv2d_relu" : "quantized::conv2d")
                                      : (hasRelu ? "quantized::linear_relu" : "quantized::linear");
    finish(node, relu, m_values.call(name, {input->value, weight, output->scale, output->zeroPoint}), *output);
    return true;
}

bool QuantizedEmitter::emitDynamic(const Node& node) {
    if (!graph::isLinear(node.op) || !node.operands[0].isValue()) return false;
    const Node* dequantize = m_uses.producer(node.operands[0].value());
    if (dequantize == nullptr || dequantize->op != op::dequantizePerTensorDynamic || !dequantize->operands[0].isValue()) return false;
    const Node* quantize = m_uses.producer(dequantize->operands[0].value());
    if (quantize == nullptr || quantize->op != op::quantizePerTensorDynamic || !quantize->operands[1].isValue()) return false;
    const Node* choose = m_uses.producer(quantize->operands[1].value());
    const bool isItsOwnRange = choose != nullptr && choose->op == op::chooseQparams && choose->operands[0] == quantize->operands[0] &&
                               std::equal(quantize->operands.begin() + 1, quantize->operands.end(), dequantize->operands.begin() + 1);
    const auto minimum = quantize->operands[3].literal<std::int64_t>(), maximum = quantize->operands[4].literal<std::int64_t>();
    if (!isItsOwnRange || !minimum || !maximum || (*maximum - *minimum != 255 && *maximum - *minimum != 127)) return false;
    jit::Value* weight = packed(node);
    if (weight == nullptr) return false;
    const bool isReduced = *maximum - *minimum == 127;
    const char* name = isFusedWithRelu(node) ? "quantized::linear_relu_dynamic" : "quantized::linear_dynamic";
    m_values.set(node.results[0], m_values.call(name, {m_values.operand(quantize->operands[0]), weight, isReduced}));
    return true;
}

bool QuantizedEmitter::emitAdd(const Node& node) {
    const auto *left = m_values.quantized(node.operands[0]), *right = m_values.quantized(node.operands[1]);
    const auto output = outputOf(node);
    if (left == nullptr || right == nullptr || !output || node.operands[2].literal<std::int64_t>() != 1) return false;
    const Node* relu = followingRelu(node);
    const char* name = relu != nullptr ? "quantized::add_relu" : "quantized::add";
    finish(node, relu, m_values.call(name, {left->value, right->value, output->scale, output->zeroPoint}), *output);
    return true;
}

} // namespace lathe::formats
