#include <core/runtime/kernels/onednn/onednn_float_layer.h>

#include <optional>

#include <core/runtime/cpu.h>
#include <core/runtime/kernels/float_layer/float_layer_instruction_torch.h>
#include <core/runtime/kernels/onednn/onednn_kernel_torch.h>

namespace lathe::runtime {

namespace {

PackedLayerForm formOf(const FloatLayer& layer, const at::Tensor& weight, bool multipliesBfloat16) {
    PackedLayerForm form = packedForm(layer.isConvolution, layer.geometry, weight);
    if (layer.addsResidual) form.addend = PackedLayerForm::Addend{};
    form.function = layer.function;
    form.isBfloat16 = multipliesBfloat16;
    form.givesBfloat16 = multipliesBfloat16 && layer.givesBfloat16;
    return form;
}

class OnednnFloatLayer final : public FloatLayerInstruction {
public:
    OnednnFloatLayer(const KernelContext& context, const FloatLayer& layer, const graph::Node& node, bool multipliesBfloat16)
        : FloatLayerInstruction(context, layer, node, multipliesBfloat16 ? at::kBFloat16 : at::kFloat),
          m_multipliesBfloat16(multipliesBfloat16) {}

private:
    void compute(const at::Tensor& input, at::Tensor& result, const FoldedWeights* weights) override {
        if (weights != nullptr)
            m_packed.emplace(formOf(layer(), weights->weight, m_multipliesBfloat16), weights->weight.const_data_ptr(),
                             weights->biasNumbers());
        const std::int64_t channels = shape().inChannels;
        const bool isDepthwise = layer().isConvolution && channels == shape().groups;
        const auto done = m_packed->run(layer().isConvolution ? input.sizes() : at::IntArrayRef({input.numel() / channels, channels}),
                                        input.const_data_ptr(), result.mutable_data_ptr(),
                                        threadsFor(result.numel() * macsPerResult(), m_multipliesBfloat16, isDepthwise));
        TORCH_CHECK(done, done.error().message.text());
    }

    std::optional<PackedLayer> m_packed; ///< from the first call on
    bool m_multipliesBfloat16;
};

const FloatLayer& layerOf(const KernelContext& context, const graph::Node& node) { return *context.lowered.payload<FloatLayer>(node); }

Verdict accepts(const KernelContext&, const graph::Node&) { return Verdict::accepted(onednnCost); }

Verdict acceptsBfloat16(const KernelContext& context, const graph::Node& node) {
    const bool isFor = cpuHasBfloat16() && layerOf(context, node).readsBfloat16;
    return isFor ? Verdict::accepted(1) : Verdict::otherKind();
}

Made makeLayer(const KernelContext& context, const graph::Node& node, InstructionInfo& info, bool multipliesBfloat16) {
    const FloatLayer& layer = layerOf(context, node);
    info.kernel = (multipliesBfloat16 ? "oneDNN bfloat16 " : "oneDNN ") + wordsOf(layer);
    return std::make_unique<OnednnFloatLayer>(context, layer, node, multipliesBfloat16);
}

Made make(const KernelContext& context, const graph::Node& node, InstructionInfo& info) { return makeLayer(context, node, info, false); }
Made makeBfloat16(const KernelContext& context, const graph::Node& node, InstructionInfo& info) {
    return makeLayer(context, node, info, true);
}

} // namespace

KernelDefinition onednnFloatLayer() {
    return {.id = "onednn.float_layer",
            .words = "oneDNN with packed weights",
            .ops = {op::floatConvolution, op::floatLinear},
            .accepts = accepts,
            .make = make,
            .roundsDifferently = true};
}

KernelDefinition onednnBfloat16Layer() {
    return {.id = "onednn.bfloat16_layer",
            .words = "oneDNN in bfloat16",
            .ops = {op::floatConvolution, op::floatLinear},
            .accepts = acceptsBfloat16,
            .make = makeBfloat16,
            .roundsDifferently = true};
}

} // namespace lathe::runtime
