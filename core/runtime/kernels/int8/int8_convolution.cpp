#include <core/runtime/kernels/int8/int8_convolution.h>

#include <core/runtime/kernels/int8/depthwise_kernel.h>
#include <core/runtime/kernels/int8/row_convolution_torch.h>
#include <core/runtime/kernels/layer_shape_torch.h>

namespace lathe::runtime {

namespace {

template<class Element>
class PlainConvolution final : public RowConvolution<Element> {
public:
    PlainConvolution(const Int8Layer& layer, Int8Weights weights, const at::Tensor& bias)
        : RowConvolution<Element>(layer, weights.shape(), bias), m_weights(std::move(weights)) {}

    std::string_view instructions() const override { return nameOf(m_weights.instructions()); }

protected:
    void convolvePixels(const Element* image, std::span<const std::int64_t> segments, std::int64_t pixels, std::int32_t zeroPoint,
                        const Int8Output& output) const override {
        convolveRow(m_weights, image, segments, pixels, {zeroPoint}, output);
    }
    void offsets(std::int64_t rowStride, std::vector<std::int64_t>& offsets) const override {
        m_weights.segmentOffsets(rowStride, offsets);
    }
    bool readsOnlyInputs() const override { return m_weights.readsWholeSteps(); }

private:
    Int8Weights m_weights;
};

Verdict accepts(const KernelContext& context, const graph::Node& node) {
    const auto* layer = context.lowered.payload<Int8Layer>(node);
    if (!layer || !layer->isConvolution) return Verdict::otherKind();
    // Few channels in each group leave most of a block of channels empty; with one there is nothing to share.
    constexpr double ofGroups = 4, ofSingleChannels = 10;
    const bool isSingle = isDepthwise(shapeOf(*layer, context.weight(layer->weight)));
    return Verdict::accepted(layer->geometry.groups == 1 ? 1 : isSingle ? ofSingleChannels : ofGroups, whyOnThisCpu(context.machine));
}

Made make(const KernelContext& context, const graph::Node& node, InstructionInfo& info) {
    const auto& layer = *context.lowered.payload<Int8Layer>(node);
    const at::Tensor &weight = context.weight(layer.weight), bias = biasOf(context, layer);
    Int8Weights weights(shapeOf(layer, weight), centredWeights(layer, weight), int8Instructions());
    std::shared_ptr<const Int8LayerKernel> kernel;
    if (weights.form() == Int8Form::Bytes)
        kernel = std::make_shared<PlainConvolution<std::uint8_t>>(layer, std::move(weights), bias);
    else
        kernel = std::make_shared<PlainConvolution<std::int16_t>>(layer, std::move(weights), bias);
    return makeInt8Instruction("Lathe", layer, std::move(kernel), node, info);
}

} // namespace

KernelDefinition int8Convolution() {
    return {.id = "lathe.int8.convolution", .words = "Lathe int8 convolution", .ops = {op::int8Layer}, .accepts = accepts, .make = make};
}

} // namespace lathe::runtime
