#include <core/runtime/kernels/winograd/winograd_int8_layer.h>

#include <algorithm>

#include <core/runtime/cpu.h>
#include <core/runtime/kernels/int8/convolution_layer_torch.h>
#include <core/runtime/kernels/layer_shape_torch.h>
#include <core/runtime/kernels/onednn/onednn_kernel_torch.h>
#include <core/runtime/kernels/share_torch.h>
#include <core/runtime/kernels/winograd/winograd_convolution.h>
#include <core/runtime/kernels/winograd/winograd_integers.h>
#include <core/runtime/kernels/winograd/winograd_kernel_torch.h>

namespace lathe::runtime {

namespace {

class WinogradInt8Layer final : public ConvolutionLayer {
public:
    WinogradInt8Layer(const Int8Layer& layer, WinogradIntegers weights, const at::Tensor& bias)
        : ConvolutionLayer(layer, weights.shape(), bias), m_weights(std::move(weights)) {}

    std::string_view instructions() const override { return nameOf(Int8Instructions::Avx2); }

private:
    void convolveImages(const Images& given, const Int8Output& output) const override {
        const WinogradImages images = winogradImages(shape(), 2, given.batch, given.height, given.width);
        const std::int64_t tiles = images.tiles();
        const std::int64_t macs = images.batch * images.outHeight * images.outWidth * shape().outChannels * shape().inChannels * 9;
        const int threads = threadsFor(macs, true, false);
        const std::int64_t tileBytes = m_weights.inputWords(1) * static_cast<std::int64_t>(sizeof(std::int16_t)) +
                                       WinogradIntegers::sumCount(1) * static_cast<std::int64_t>(sizeof(std::int32_t));
        const std::int64_t most = winogradChunkTiles(tiles, threads, WinogradIntegers::tileRows, tileBytes);
        auto* const nothing = scratch<std::uint8_t>(shape().inChannels);
        std::fill_n(nothing, shape().inChannels, static_cast<std::uint8_t>(given.zeroPoint));
        auto* const inputs = scratch<std::int16_t>(m_weights.inputWords(most));
        for (std::int64_t first = 0; first < tiles; first += most) {
            const WinogradIntegers::Job job{images, {first, std::min(tiles, first + most)}, given.bytes, given.zeroPoint, nothing, inputs};
            const std::int64_t count = job.chunk.end - job.chunk.begin;
            shareAmong(threads, count, [&](std::int64_t begin, std::int64_t end) { m_weights.transformInputs(job, {begin, end}); });
            shareAmong(threads, m_weights.groups(), [&](std::int64_t begin, std::int64_t end) {
                m_weights.computeGroups(job, {begin, end}, scratch<std::int32_t>(WinogradIntegers::sumCount(count)), output);
            });
        }
    }

    WinogradIntegers m_weights;
};

Verdict accepts(const KernelContext& context, const graph::Node& node) {
    const auto* layer = context.lowered.payload<Int8Layer>(node);
    if (!layer || !layer->isConvolution || context.machine.hasVnni || !cpuHasAvx2()) return Verdict::otherKind();
    const at::Tensor& weight = context.weight(layer->weight);
    if (weight.numel() == 0) return Verdict::otherKind();
    const ConvolutionShape shape = shapeOf(*layer, weight);
    constexpr std::int64_t fewestChannels = 8;
    if (!hasWinogradForm(shape) || std::min(shape.inChannels, shape.outChannels) < fewestChannels) return Verdict::otherKind();
    const std::int64_t bytes = winogradWeightBytes(shape, 2) / 2; // as words
    if (!winogradIsWorth(context, node, bytes)) return Verdict::otherKind();
    if (!WinogradIntegers::fits(shape) && !WinogradIntegers::fits(shape, centredWeights(*layer, weight))) return Verdict::otherKind();
    return Verdict::accepted(onednnCost);
}

Made make(const KernelContext& context, const graph::Node& node, InstructionInfo& info) {
    return makeConvolution<WinogradInt8Layer, WinogradIntegers>("Lathe Winograd", context, node, info);
}

} // namespace

KernelDefinition winogradInt8Layer() {
    return {.id = "winograd.int8", .words = "Winograd in integers", .ops = {op::int8Layer}, .accepts = accepts, .make = make};
}

} // namespace lathe::runtime
