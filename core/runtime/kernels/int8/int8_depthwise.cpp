#include <core/runtime/kernels/int8/int8_depthwise.h>

#include <core/runtime/kernels/int8/depthwise_fours.h>
#include <core/runtime/kernels/int8/depthwise_kernel.h>
#include <core/runtime/kernels/int8/row_convolution_torch.h>
#include <core/runtime/kernels/layer_shape_torch.h>

namespace lathe::runtime {

namespace {

class DepthwiseConvolution final : public RowConvolution<std::uint8_t> {
public:
    DepthwiseConvolution(const Int8Layer& layer, DepthwiseWeights weights, const at::Tensor& bias)
        : RowConvolution(layer, weights.shape(), bias), m_weights(std::move(weights)) {}

    std::string_view instructions() const override {
        return nameOf(int8Instructions() == Int8Instructions::Portable ? Int8Instructions::Portable : Int8Instructions::Avx2);
    }

protected:
    void convolvePixels(const std::uint8_t* image, std::span<const std::int64_t> positions, std::int64_t pixels, std::int32_t zeroPoint,
                        const Int8Output& output) const override {
        convolveDepthwiseRow(m_weights, image, positions, pixels, zeroPoint, output, int8Instructions());
    }
    void offsets(std::int64_t rowStride, std::vector<std::int64_t>& offsets) const override {
        m_weights.positionOffsets(rowStride, offsets);
    }
    bool readsOnlyInputs() const override { return m_weights.readsOnlyInputs(); }

private:
    DepthwiseWeights m_weights;
};

/// Four inputs of a channel at once.
class DepthwiseFoursConvolution final : public RowConvolution<std::uint8_t> {
public:
    DepthwiseFoursConvolution(const Int8Layer& layer, DepthwiseFours weights, const at::Tensor& bias)
        : RowConvolution(layer, weights.shape(), bias), m_weights(std::move(weights)) {}

    std::string_view instructions() const override { return nameOf(Int8Instructions::Avx512Vnni); }

protected:
    void convolvePixels(const std::uint8_t* image, std::span<const std::int64_t> steps, std::int64_t pixels, std::int32_t zeroPoint,
                        const Int8Output& output) const override {
        convolveDepthwiseFours(m_weights, image, steps, pixels, zeroPoint, output);
    }
    void offsets(std::int64_t rowStride, std::vector<std::int64_t>& offsets) const override { m_weights.stepOffsets(rowStride, offsets); }
    bool readsOnlyInputs() const override { return m_weights.readsOnlyInputs(); }

private:
    DepthwiseFours m_weights;
};

Verdict accepts(const KernelContext& context, const graph::Node& node) {
    const auto* layer = context.lowered.payload<Int8Layer>(node);
    if (!layer || !layer->isConvolution) return Verdict::otherKind();
    if (isDepthwise(shapeOf(*layer, context.weight(layer->weight)))) return Verdict::accepted(1, whyOnThisCpu(context.machine));
    return Verdict::refused(base::Message("kernel.notDepthwise", {{"groups", layer->geometry.groups}}));
}

Made make(const KernelContext& context, const graph::Node& node, InstructionInfo& info) {
    const auto& layer = *context.lowered.payload<Int8Layer>(node);
    const at::Tensor& weight = context.weight(layer.weight);
    if (suitsDepthwiseFours(shapeOf(layer, weight)) && hasByteWeights(layer, weight))
        return makeConvolution<DepthwiseFoursConvolution, DepthwiseFours>("Lathe", context, node, info);
    return makeConvolution<DepthwiseConvolution, DepthwiseWeights>("Lathe", context, node, info);
}

} // namespace

KernelDefinition int8Depthwise() {
    return {.id = "lathe.int8.depthwise", .words = "Lathe int8 depthwise", .ops = {op::int8Layer}, .accepts = accepts, .make = make};
}

} // namespace lathe::runtime
