#include <core/runtime/kernels/int8/int8_few_inputs.h>

#include <core/runtime/kernels/int8/few_inputs_acc16.h>
#include <core/runtime/kernels/int8/few_inputs_kernel.h>
#include <core/runtime/kernels/int8/row_convolution_torch.h>
#include <core/runtime/kernels/layer_shape_torch.h>

namespace lathe::runtime {

namespace {

template<class Weights>
class FewInputsConvolution final : public RowConvolution<std::uint8_t> {
public:
    FewInputsConvolution(const Int8Layer& layer, Weights weights, const at::Tensor& bias)
        : RowConvolution(layer, weights.shape(), bias), m_weights(std::move(weights)) {}

    std::string_view instructions() const override { return nameOf(Weights::instructions()); }

protected:
    void convolvePixels(const std::uint8_t* image, std::span<const std::int64_t> rows, std::int64_t pixels, std::int32_t zeroPoint,
                        const Int8Output& output) const override {
        convolveFewInputsRow(m_weights, image, rows, pixels, zeroPoint, output);
    }
    void offsets(std::int64_t rowStride, std::vector<std::int64_t>& offsets) const override {
        shape().positionOffsets(rowStride, true, offsets);
    }
    bool readsOnlyInputs() const override { return m_weights.readsOnlyInputs(); }

private:
    Weights m_weights;
};

/// With the one kernel or the other.
bool hasKernel(const Machine& machine, const ConvolutionShape& shape) {
    if (machine.hasVnni) return cpuHasFewInputsKernel() && hasFewInputs(shape);
    return int8Instructions() == Int8Instructions::Avx2 && hasFewInputsForAcc16(shape);
}

Verdict accepts(const KernelContext& context, const graph::Node& node) {
    const auto* layer = context.lowered.payload<Int8Layer>(node);
    if (!layer || !layer->isConvolution || layer->addsResidual) return Verdict::otherKind();
    const at::Tensor& weight = context.weight(layer->weight);
    if (weight.numel() == 0 || !hasKernel(context.machine, shapeOf(*layer, weight))) return Verdict::otherKind();
    if (!hasByteWeights(*layer, weight)) return Verdict::otherKind();
    return Verdict::accepted(0.8, whyOnThisCpu(context.machine));
}

Made make(const KernelContext& context, const graph::Node& node, InstructionInfo& info) {
    if (context.machine.hasVnni)
        return makeConvolution<FewInputsConvolution<FewInputsWeights>, FewInputsWeights>("Lathe", context, node, info);
    const auto& layer = *context.lowered.payload<Int8Layer>(node);
    const at::Tensor& weight = context.weight(layer.weight);
    FewInputsAcc16Weights weights(shapeOf(layer, weight), centredWeights(layer, weight), largestInput(layer));
    auto kernel = std::make_shared<FewInputsConvolution<FewInputsAcc16Weights>>(layer, std::move(weights), biasOf(context, layer));
    return makeInt8Instruction("Lathe", layer, std::move(kernel), node, info);
}

} // namespace

KernelDefinition int8FewInputs() {
    return {.id = "lathe.int8.few_inputs",
            .words = "Lathe int8 convolution of few inputs",
            .ops = {op::int8Layer},
            .accepts = accepts,
            .make = make};
}

} // namespace lathe::runtime
