#include <core/runtime/kernels/int8/fbgemm_layer.h>

#include <algorithm>

#include <ATen/Context.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/native/quantized/PackedParams.h>
#include <ATen/ops/_make_per_channel_quantized_tensor.h>
#include <ATen/ops/_make_per_tensor_quantized_tensor.h>
#include <ATen/ops/tensor.h>

#include <core/graph/operators/names.h>
#include <core/runtime/kernels/int8/depthwise_kernel.h>
#include <core/runtime/kernels/int8/int8_layer_torch.h>
#include <core/runtime/kernels/layer_shape_torch.h>

namespace lathe::runtime {

namespace {

/// PyTorch packs for the engine that is set at that moment, process-wide.
class EngineGuard {
public:
    EngineGuard() : m_before(at::globalContext().qEngine()) { at::globalContext().setQEngine(at::QEngine::FBGEMM); }
    ~EngineGuard() { at::globalContext().setQEngine(m_before); }
    EngineGuard(const EngineGuard&) = delete;
    EngineGuard& operator=(const EngineGuard&) = delete;

private:
    at::QEngine m_before;
};

c10::IValue prepack(std::string_view op, torch::jit::Stack stack) {
    const EngineGuard engine;
    c10::Dispatcher::singleton().findSchemaOrThrow(std::string(op).c_str(), "").callBoxed(stack);
    return stack.at(0);
}

/// FBGEMM's weights are signed bytes; unsigned ones are moved by 128, with their zero points.
at::Tensor signedWeight(const Int8Layer& layer, const at::Tensor& weight) {
    const bool isUnsigned = weight.scalar_type() == at::kByte;
    const std::int64_t shift = isUnsigned ? 128 : 0;
    const at::Tensor bytes = isUnsigned ? weight.to(at::kShort).sub(128).to(at::kChar) : weight;
    if (layer.weightScales.size() == 1)
        return at::_make_per_tensor_quantized_tensor(bytes, layer.weightScales[0], layer.weightZeroPoints[0] - shift);
    std::vector<double> scales(layer.weightScales.begin(), layer.weightScales.end());
    std::vector<std::int64_t> zeroPoints;
    for (const std::int64_t zeroPoint : layer.weightZeroPoints)
        zeroPoints.push_back(zeroPoint - shift);
    return at::_make_per_channel_quantized_tensor(bytes, at::tensor(scales, at::kDouble), at::tensor(zeroPoints, at::kLong), 0);
}

class FbgemmKernel final : public Int8LayerKernel {
public:
    FbgemmKernel(const Int8Layer& layer, const at::Tensor& weight, const at::Tensor& bias)
        : m_layer(layer), m_shape(shapeOf(layer, weight)), m_grid(layer.output.value()) {
        const at::Tensor quantized = signedWeight(layer, weight);
        const c10::IValue packedBias = bias.defined() ? c10::IValue(bias) : c10::IValue();
        if (layer.isConvolution) {
            const auto list = [](const std::array<std::int64_t, 2>& pair) { return c10::List<std::int64_t>({pair[0], pair[1]}); };
            m_convolution =
                prepack(graph::op::conv2dPrepack, {quantized, packedBias, list(layer.geometry.stride), list(layer.geometry.padding),
                                                   list(layer.geometry.dilation), layer.geometry.groups})
                    .toCustomClass<ConvPackedParamsBase<2>>();
        } else {
            m_linear = prepack(graph::op::linearPrepack, {quantized, packedBias}).toCustomClass<LinearPackedParamsBase>();
        }
    }

    at::Tensor run(const at::Tensor& given, const at::Tensor&) const override {
        checkInputFits(m_layer, m_shape, given);
        // FBGEMM knows batches only.
        const bool isOne = given.dim() == (m_convolution ? 3 : 1);
        at::Tensor input = isOne ? given.unsqueeze(0) : given;
        if (m_layer.flattens && input.dim() > 2) input = input.flatten(1);
        at::Tensor result = m_convolution ? apply(*m_convolution, input) : apply(*m_linear, input);
        limit(result);
        return isOne ? result.squeeze(0) : result;
    }

private:
    template<class Packed>
    at::Tensor apply(Packed& packed, const at::Tensor& input) const {
        return m_layer.activation.low == 0 ? packed.apply_relu(input, m_grid.scale, m_grid.zeroPoint)
                                           : packed.apply(input, m_grid.scale, m_grid.zeroPoint);
    }
    /// FBGEMM fills the whole byte; a reduced grid ends earlier.
    void limit(at::Tensor& result) const {
        if (m_grid.minimum == 0 && m_grid.maximum == 255) return;
        auto* bytes = static_cast<std::uint8_t*>(result.mutable_data_ptr());
        const auto low = static_cast<std::uint8_t>(m_grid.minimum);
        const auto high = static_cast<std::uint8_t>(m_grid.maximum);
        for (std::int64_t index = 0; index < result.numel(); ++index)
            bytes[index] = std::clamp(bytes[index], low, high);
    }

    Int8Layer m_layer;
    ConvolutionShape m_shape;
    ActivationGrid m_grid;
    c10::intrusive_ptr<ConvPackedParamsBase<2>> m_convolution;
    c10::intrusive_ptr<LinearPackedParamsBase> m_linear;
};

Verdict accepts(const KernelContext& context, const graph::Node& node) {
    const auto* layer = context.lowered.payload<Int8Layer>(node);
    if (!layer) return Verdict::otherKind();
    const auto* grid = std::get_if<ActivationGrid>(&layer->input);
    if (!grid) return Verdict::refused(base::Message("kernel.noRangeOfInput", {}));
    if (layer->addsResidual) return Verdict::refused(base::Message("kernel.addsNothing", {}));
    const ActivationRange none;
    if (layer->activation.high != none.high || (layer->activation.low != 0 && layer->activation.low != none.low))
        return Verdict::refused(base::Message("kernel.reluOnly", {}));
    if (!layer->output) return Verdict::refused(base::Message("kernel.bytesOnly", {}));
    const at::Tensor& weight = context.weight(layer->weight);
    if (!context.machine.hasVnni && maySaturate(*grid, weight)) return Verdict::refused(base::Message("kernel.couldSaturate", {}));
    // It shines where Lathe's convolution has few channels in a group, and only with VNNI (core/decisions/0007).
    constexpr double ofGroups = 2, otherwise = 8;
    const bool isGrouped = layer->geometry.groups > 1 && !isDepthwise(shapeOf(*layer, weight));
    return Verdict::accepted(isGrouped && context.machine.hasVnni ? ofGroups : otherwise);
}

Made make(const KernelContext& context, const graph::Node& node, InstructionInfo& info) {
    const auto& layer = *context.lowered.payload<Int8Layer>(node);
    auto kernel = std::make_shared<FbgemmKernel>(layer, context.weight(layer.weight), biasOf(context, layer));
    return makeInt8Instruction("FBGEMM", layer, std::move(kernel), node, info);
}

} // namespace

KernelDefinition fbgemmLayer() {
    return {.id = "fbgemm.int8", .words = "FBGEMM", .ops = {op::int8Layer}, .accepts = accepts, .make = make};
}

} // namespace lathe::runtime
