#include <core/runtime/kernels/onednn/onednn_float_layer.h>

#include <ATen/DimVector.h>
#include <ATen/core/Tensor.h>

#include <core/graph/operators/call.h>
#include <core/runtime/cpu.h>
#include <core/runtime/kernels/aten/aten_float_layer.h>
#include <core/runtime/kernels/onednn/onednn_kernel_torch.h>
#include <core/runtime/lowering/patterns/float_layer.h>
#include <core/runtime/plan_memory_torch.h>

namespace lathe::runtime {

namespace {

/// Weights and bias of a layer, with the batch norm behind it multiplied in.
struct Folded {
    at::Tensor weight, bias; ///< the bias is undefined where there is none
};

Folded folded(const KernelContext& context, const FloatLayer& layer) {
    Folded folded{context.weight(layer.weight), layer.bias ? context.weight(*layer.bias) : at::Tensor()};
    if (layer.normalization) {
        const auto& norm = *layer.normalization;
        const auto wide = [&](graph::ValueId id) { return context.weight(id).to(at::kDouble); };
        at::Tensor factor = wide(norm.variance).add(norm.epsilon).rsqrt();
        if (norm.weight) factor = factor.mul(wide(*norm.weight));
        at::Tensor bias = wide(norm.mean).neg();
        if (folded.bias.defined()) bias = bias.add(folded.bias);
        bias = bias.mul(factor);
        if (norm.bias) bias = bias.add(wide(*norm.bias));
        folded.weight = folded.weight.to(at::kDouble).mul(factor.view({-1, 1, 1, 1})).to(at::kFloat);
        folded.bias = bias.to(at::kFloat);
    }
    folded.weight = folded.weight.contiguous();
    if (folded.bias.defined()) folded.bias = folded.bias.contiguous();
    return folded;
}

PackedLayerForm formOf(const FloatLayer& layer, const at::Tensor& weight, bool multipliesBfloat16) {
    PackedLayerForm form = packedForm(layer.isConvolution, layer.geometry, weight);
    if (layer.addsResidual) form.addend = PackedLayerForm::Addend{};
    form.function = layer.function;
    form.isBfloat16 = multipliesBfloat16;
    form.givesBfloat16 = multipliesBfloat16 && layer.givesBfloat16;
    return form;
}

class OnednnFloatLayer final : public Instruction {
public:
    OnednnFloatLayer(const FloatLayer& layer, Folded folded, const graph::Node& node, bool keepsOrder, bool multipliesBfloat16,
                     std::unique_ptr<Instruction> fallback)
        : m_weight(std::move(folded.weight)),
          m_packed(formOf(layer, m_weight, multipliesBfloat16), m_weight.const_data_ptr(),
                   folded.bias.defined() ? std::span(folded.bias.const_data_ptr<float>(), static_cast<std::size_t>(folded.bias.numel()))
                                         : std::span<const float>()),
          m_isConvolution(layer.isConvolution), m_isDepthwise(m_isConvolution && m_weight.size(1) == 1),
          m_features(m_weight.size(1) * layer.geometry.groups), m_outputs(m_weight.size(0)), m_macsPerResult(m_weight.numel() / m_outputs),
          m_input(*graph::mainInput(node)), m_residual(layer.addsResidual ? graph::Call(node).value("residual") : std::nullopt),
          m_result(node.results[0]), m_keepsOrder(keepsOrder), m_inputType(layer.readsBfloat16 ? at::kBFloat16 : at::kFloat),
          m_resultType(layer.givesBfloat16 ? at::kBFloat16 : at::kFloat), m_multipliesBfloat16(multipliesBfloat16),
          m_fallback(std::move(fallback)) {}

    void run(Execution& execution) override {
        const at::Tensor& given = execution.tensor(m_input);
        const bool fits =
            given.scalar_type() == m_inputType && given.layout() == at::kStrided && given.numel() > 0 &&
            (m_isConvolution ? given.dim() == 4 && given.size(1) == m_features : given.dim() >= 2 && given.size(-1) == m_features);
        const at::DimVector sizes = fits ? resultSizes(given) : at::DimVector();
        const bool isResidualAlike = !m_residual || (execution.tensor(*m_residual).sizes() == at::IntArrayRef(sizes) &&
                                                     execution.tensor(*m_residual).scalar_type() == at::kFloat);
        // The library's own operators know what to do, or say what is wrong.
        if (!fits || !isResidualAlike || std::ranges::any_of(sizes, [](std::int64_t size) { return size <= 0; })) {
            m_fallback->run(execution);
            return;
        }
        const at::MemoryFormat order = orderOf(m_isConvolution);
        // Halves that are multiplied as floats have the same products.
        const at::ScalarType multiplied = m_multipliesBfloat16 ? at::kBFloat16 : at::kFloat;
        const at::Tensor input = (given.scalar_type() == multiplied ? given : given.to(multiplied)).contiguous(order);
        at::Tensor result = m_residual ? memoryWithAddend(execution, *m_residual, order)
                                       : emptyResult(sizes, m_multipliesBfloat16 ? m_resultType : at::kFloat, order);
        const auto done = m_packed.run(m_isConvolution ? input.sizes() : at::IntArrayRef({input.numel() / m_features, m_features}),
                                       input.const_data_ptr(), result.mutable_data_ptr(),
                                       threadsFor(result.numel() * m_macsPerResult, m_multipliesBfloat16, m_isDepthwise));
        TORCH_CHECK(done, done.error().message.text());
        m_weight.reset(); // the layer has it packed now
        if (result.scalar_type() != m_resultType) result = result.to(m_resultType);
        // Channels-last images are not for what follows everywhere.
        execution.slot(m_result) = !m_isConvolution || m_keepsOrder ? std::move(result) : result.contiguous();
    }

private:
    [[nodiscard]] at::DimVector resultSizes(const at::Tensor& input) const {
        if (m_isConvolution) return at::DimVector(m_packed.resultSizes(input.sizes()));
        at::DimVector sizes(input.sizes());
        sizes.back() = m_outputs;
        return sizes;
    }

    at::Tensor m_weight; ///< until it is packed
    PackedLayer m_packed;
    bool m_isConvolution, m_isDepthwise;
    std::int64_t m_features, m_outputs, m_macsPerResult;
    graph::ValueId m_input;
    std::optional<graph::ValueId> m_residual;
    graph::ValueId m_result;
    bool m_keepsOrder;
    at::ScalarType m_inputType, m_resultType;
    bool m_multipliesBfloat16;
    std::unique_ptr<Instruction> m_fallback;
};

const FloatLayer& layerOf(const KernelContext& context, const graph::Node& node) { return *context.lowered.payload<FloatLayer>(node); }

Verdict accepts(const KernelContext& context, const graph::Node&) {
    return offersOnednn(context) ? Verdict::accepted(onednnCost) : Verdict::otherKind();
}

Verdict acceptsBfloat16(const KernelContext& context, const graph::Node& node) {
    const bool isFor = offersOnednn(context) && cpuHasBfloat16() && layerOf(context, node).readsBfloat16;
    return isFor ? Verdict::accepted(1) : Verdict::otherKind();
}

Made makeLayer(const KernelContext& context, const graph::Node& node, InstructionInfo& info, bool multipliesBfloat16) {
    const FloatLayer& layer = layerOf(context, node);
    InstructionInfo ignored;
    auto fallback = atenFloatLayer().make(context, node, ignored);
    if (!fallback) return fallback;
    info.kernel = std::string(multipliesBfloat16 ? "oneDNN bfloat16 " : "oneDNN ") + (layer.isConvolution ? "conv2d" : "linear");
    if (layer.normalization) info.kernel += "+batch_norm";
    if (layer.addsResidual) info.kernel += "+add";
    if (layer.function) info.kernel += "+" + nameOf(*layer.function);
    info.kernel += ", weights packed once";
    return std::make_unique<OnednnFloatLayer>(layer, folded(context, layer), node, context.mayBeChannelsLast(node.results[0]),
                                              multipliesBfloat16, std::move(*fallback));
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
            .make = make};
}

KernelDefinition onednnBfloat16Layer() {
    return {.id = "onednn.bfloat16_layer",
            .words = "oneDNN in bfloat16",
            .ops = {op::floatConvolution, op::floatLinear},
            .accepts = acceptsBfloat16,
            .make = makeBfloat16};
}

} // namespace lathe::runtime
