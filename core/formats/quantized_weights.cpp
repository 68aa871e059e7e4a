#include <core/formats/quantized_weights_torch.h>

#include <ATen/Context.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/stack.h>
#include <ATen/ops/_make_per_channel_quantized_tensor.h>
#include <ATen/ops/_make_per_tensor_quantized_tensor.h>

#include <core/graph/operators/names.h>
#include <core/graph/operators/quantization.h>
#include <core/quantization/qdq.h>

namespace lathe::formats {

namespace {

namespace op = graph::op;

bool isWeight(const graph::Graph& graph, const graph::Operand& operand) {
    return operand.isValue() && graph.value(operand.value()).kind == graph::ValueKind::Weight;
}

/// Packing is done by the library that is the process's quantization engine; the file holds the weights unpacked, so any reads it.
class EngineGuard {
public:
    explicit EngineGuard(at::QEngine engine) : m_before(at::globalContext().qEngine()) { at::globalContext().setQEngine(engine); }
    ~EngineGuard() { at::globalContext().setQEngine(m_before); }
    EngineGuard(const EngineGuard&) = delete;
    EngineGuard& operator=(const EngineGuard&) = delete;

private:
    at::QEngine m_before;
};

c10::IValue pack(const char* name, std::vector<c10::IValue> stack) {
    const EngineGuard guard(at::QEngine::FBGEMM);
    c10::Dispatcher::singleton().findSchemaOrThrow(name, "").callBoxed(&stack);
    return stack.front();
}

c10::IValue optionalTensor(const std::optional<at::Tensor>& tensor) { return tensor ? c10::IValue(*tensor) : c10::IValue(); }

} // namespace

std::optional<at::Tensor> quantizedWeight(const graph::Graph& graph, const graph::Node& dequantize, JitValues& values) {
    const graph::QdqCall call(dequantize);
    const auto grid = quantization::gridOf(dequantize);
    if (!grid || grid->isDynamic || !isWeight(graph, call.input())) return std::nullopt;
    at::Tensor bytes = values.weight(call.input().value());
    if (bytes.scalar_type() != at::kChar && bytes.scalar_type() != at::kByte) return std::nullopt;
    const std::int64_t shift = bytes.scalar_type() == at::kByte ? 128 : 0;
    if (shift != 0) bytes = bytes.to(at::kShort).sub(shift).to(at::kChar);
    if (grid->granularity == quantization::Granularity::Tensor) {
        const auto scale = call.scale().literal<double>();
        const auto zeroPoint = call.zeroPoint().literal<std::int64_t>();
        if (!scale || !zeroPoint) return std::nullopt;
        return at::_make_per_tensor_quantized_tensor(bytes, *scale, *zeroPoint - shift);
    }
    if (!isWeight(graph, call.scale()) || !isWeight(graph, call.zeroPoint())) return std::nullopt;
    const at::Tensor scales = values.weight(call.scale().value()).to(at::kDouble);
    const at::Tensor zeroPoints = values.weight(call.zeroPoint().value()).to(at::kLong).sub(shift);
    return at::_make_per_channel_quantized_tensor(bytes, scales, zeroPoints, grid->axis);
}

std::optional<std::optional<at::Tensor>> floatBias(const graph::Graph& graph, const graph::UseIndex& uses, const graph::Operand& bias,
                                                   JitValues& values) {
    if (bias.isNone()) return std::optional<at::Tensor>();
    if (!bias.isValue()) return std::nullopt;
    if (isWeight(graph, bias)) return std::optional(values.weight(bias.value()).to(at::kFloat));
    const graph::Node* producer = uses.producer(bias.value());
    if (producer == nullptr || !graph::isDequantize(producer->op) || !isWeight(graph, producer->operands[0])) return std::nullopt;
    const at::Tensor integers = values.weight(producer->operands[0].value()).to(at::kFloat);
    if (producer->op == op::dequantizePerTensor) {
        const auto scale = producer->operands[1].literal<double>();
        const auto zeroPoint = producer->operands[2].literal<std::int64_t>();
        if (!scale || !zeroPoint) return std::nullopt;
        return std::optional(integers.sub(*zeroPoint).mul(*scale));
    }
    if (producer->op != op::dequantizePerChannel || !isWeight(graph, producer->operands[1]) || !isWeight(graph, producer->operands[2]))
        return std::nullopt;
    return std::optional(
        integers.sub(values.weight(producer->operands[2].value())).mul(values.weight(producer->operands[1].value())).to(at::kFloat));
}

c10::IValue packLinear(const at::Tensor& weight, const std::optional<at::Tensor>& bias) {
    return pack("quantized::linear_prepack", {weight, optionalTensor(bias)});
}

c10::IValue packConv2d(const at::Tensor& weight, const std::optional<at::Tensor>& bias, const ConvolutionGeometry& geometry) {
    return pack("quantized::conv2d_prepack",
                {weight, optionalTensor(bias), geometry.stride, geometry.padding, geometry.dilation, geometry.groups});
}

} // namespace lathe::formats
