#include <core/runtime/kernels/int8/int8_few_inputs.h>

#include <core/runtime/kernels/int8/few_inputs_kernel.h>
#include <core/runtime/kernels/int8/row_convolution_torch.h>
#include <core/runtime/kernels/layer_shape_torch.h>

namespace lathe::runtime {

namespace {

class FewInputsConvolution final : public RowConvolution<std::uint8_t> {
public:
    FewInputsConvolution(const Int8Layer& layer, FewInputsWeights weights, const at::Tensor& bias)
        : RowConvolution(layer, weights.shape(), bias), m_weights(std::move(weights)) {}

    std::string_view instructions() const override { return nameOf(Int8Instructions::Avx512Vnni); }

protected:
    void convolvePixels(const std::uint8_t* image, std::span<const std::int64_t> rows, std::int64_t pixels, std::int32_t zeroPoint,
                        const Int8Output& output) const override {
        convolveFewInputsRow(m_weights, image, rows, pixels, zeroPoint, output);
    }
    void offsets(std::int64_t rowStride, std::vector<std::int64_t>& offsets) const override { m_weights.rowOffsets(rowStride, offsets); }
    bool readsOnlyInputs() const override { return m_weights.shape().window.kernelWidth * m_weights.shape().inChannels % 4 == 0; }

private:
    FewInputsWeights m_weights;
};

Verdict accepts(const KernelContext& context, const graph::Node& node) {
    const auto* layer = context.lowered.payload<Int8Layer>(node);
    if (!layer || !layer->isConvolution || layer->addsResidual || !context.machine.hasVnni || !cpuHasFewInputsKernel())
        return Verdict::otherKind();
    const at::Tensor& weight = context.weight(layer->weight);
    if (weight.numel() == 0 || !hasFewInputs(shapeOf(*layer, weight))) return Verdict::otherKind();
    const auto isByte = [](std::int16_t value) { return value >= -128 && value <= 127; };
    if (!std::ranges::all_of(centredWeights(*layer, weight), isByte)) return Verdict::otherKind();
    return Verdict::accepted(0.9);
}

Made make(const KernelContext& context, const graph::Node& node, InstructionInfo& info) {
    return makeConvolution<FewInputsConvolution, FewInputsWeights>("Lathe", context, node, info);
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
