#include <core/runtime/kernels/int8/int8_acc16.h>

#include <core/runtime/kernels/int8/acc16_kernel.h>
#include <core/runtime/kernels/int8/row_convolution_torch.h>
#include <core/runtime/kernels/int8/row_linear_torch.h>

namespace lathe::runtime {

namespace {

class Acc16Convolution final : public BandConvolution<std::uint8_t> {
public:
    Acc16Convolution(const Int8Layer& layer, Acc16Weights weights, const at::Tensor& bias)
        : BandConvolution(layer, weights.shape(), bias), m_weights(std::move(weights)) {}

    std::string_view instructions() const override { return nameOf(Acc16Weights::instructions()); }

protected:
    void convolve(const std::uint8_t* image, const Rows& rows, std::span<const std::int64_t> steps, std::int32_t zeroPoint,
                  const Int8Output& output) const override {
        thread_local std::vector<std::int64_t> pixels;
        pixels.clear();
        for (std::int64_t row = 0; row < rows.count; ++row) {
            for (std::int64_t pixel = 0; pixel < rows.pixels; ++pixel)
                pixels.push_back(row * rows.distance + pixel * shape().pixelStride());
        }
        multiplyAcc16(m_weights, image, pixels, steps, {0, m_weights.blocksPerGroup()}, {zeroPoint}, output);
    }
    void offsets(std::int64_t rowStride, std::vector<std::int64_t>& offsets) const override { m_weights.stepOffsets(rowStride, offsets); }
    bool readsOnlyInputs() const override { return m_weights.readsWholeSteps(); }

private:
    Acc16Weights m_weights;
};

Verdict accepts(const KernelContext& context, const graph::Node& node) {
    const auto* layer = context.lowered.payload<Int8Layer>(node);
    if (!layer || context.machine.hasVnni || int8Instructions() == Int8Instructions::Portable || layer->geometry.groups != 1)
        return Verdict::otherKind();
    if (!hasByteWeights(*layer, context.weight(layer->weight))) return Verdict::otherKind();
    return Verdict::accepted(0.9, whyOnThisCpu(context.machine));
}

Acc16Weights packedWeights(const KernelContext& context, const Int8Layer& layer) {
    const at::Tensor& weight = context.weight(layer.weight);
    return {shapeOf(layer, weight), centredWeights(layer, weight), largestInput(layer)};
}

Made make(const KernelContext& context, const graph::Node& node, InstructionInfo& info) {
    const auto& layer = *context.lowered.payload<Int8Layer>(node);
    std::shared_ptr<const Int8LayerKernel> kernel;
    if (layer.isConvolution)
        kernel = std::make_shared<Acc16Convolution>(layer, packedWeights(context, layer), biasOf(context, layer));
    else
        kernel = std::make_shared<RowLinear<std::uint8_t, Acc16Weights>>(layer, packedWeights(context, layer), biasOf(context, layer));
    return makeInt8Instruction("Lathe", layer, std::move(kernel), node, info);
}

} // namespace

KernelDefinition int8Acc16() {
    return {.id = "lathe.int8.acc16", .words = "Lathe int8 with sums of 16 bits", .ops = {op::int8Layer}, .accepts = accepts, .make = make};
}

} // namespace lathe::runtime
