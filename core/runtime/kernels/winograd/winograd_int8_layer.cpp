#include <core/runtime/kernels/winograd/winograd_int8_layer.h>

#include <algorithm>

#include <core/runtime/kernels/int8/lathe_layer_torch.h>
#include <core/runtime/kernels/layer_shape_torch.h>
#include <core/runtime/kernels/onednn/onednn_kernel_torch.h>
#include <core/runtime/kernels/winograd/winograd_convolution.h>
#include <core/runtime/kernels/winograd/winograd_integers.h>
#include <core/runtime/kernels/winograd/winograd_kernel_torch.h>

namespace lathe::runtime {

namespace {

class WinogradInt8Layer final : public LatheLayer {
public:
    WinogradInt8Layer(const Int8Layer& layer, WinogradIntegers weights, const at::Tensor& bias)
        : LatheLayer(layer, weights.shape(), bias), m_weights(std::move(weights)) {}

    std::string_view instructions() const override { return nameOf(Int8Instructions::Avx2); }

private:
    at::Tensor runBytes(const at::Tensor& given, std::int32_t zeroPoint, const Scales& scales, const at::Tensor& added) const override {
        const bool isOne = given.dim() == 3;
        constexpr auto channelsLast = at::MemoryFormat::ChannelsLast;
        const at::Tensor input = (isOne ? given.unsqueeze(0) : given).contiguous(channelsLast);
        const WinogradImages images = winogradImages(shape(), 2, input.size(0), input.size(2), input.size(3));
        at::Tensor result = emptyResult({images.batch, shape().outChannels, images.outHeight, images.outWidth}, channelsLast);
        const at::Tensor residual = residualLike(result, isOne && added.defined() ? added.unsqueeze(0) : added, channelsLast);
        const Int8Output output = outputInto(result, residual, scales);
        compute(images, static_cast<const std::uint8_t*>(input.const_data_ptr()), zeroPoint, output);
        // Floats go to operators that may want rows in the usual order (view).
        if (!layer().output && (isOne || !layer().keepsChannelsLast)) result = result.contiguous();
        return isOne ? result.squeeze(0) : result;
    }

    void compute(const WinogradImages& images, const std::uint8_t* input, std::int32_t zeroPoint, const Int8Output& output) const {
        const std::int64_t tiles = images.tiles();
        const std::int64_t macs = images.batch * images.outHeight * images.outWidth * shape().outChannels * shape().inChannels * 9;
        const int threads = threadsFor(macs, true, false);
        const std::int64_t tileBytes = m_weights.inputWords(1) * static_cast<std::int64_t>(sizeof(std::int16_t)) +
                                       WinogradIntegers::sumCount(1) * static_cast<std::int64_t>(sizeof(std::int32_t));
        const std::int64_t most = winogradChunkTiles(tiles, threads, WinogradIntegers::tileRows, tileBytes);
        auto* const nothing = scratch<std::uint8_t>(shape().inChannels);
        std::fill_n(nothing, shape().inChannels, static_cast<std::uint8_t>(zeroPoint));
        auto* const inputs = scratch<std::int16_t>(m_weights.inputWords(most));
        for (std::int64_t first = 0; first < tiles; first += most) {
            const WinogradIntegers::Job job{images, {first, std::min(tiles, first + most)}, input, zeroPoint, nothing, inputs};
            const std::int64_t count = job.chunk.end - job.chunk.begin;
            shareWinograd(count, threads, [&](WinogradRange part) { m_weights.transformInputs(job, part); });
            shareWinograd(m_weights.groups(), threads, [&](WinogradRange groups) {
                m_weights.computeGroups(job, groups, scratch<std::int32_t>(WinogradIntegers::sumCount(count)), output);
            });
        }
    }

    WinogradIntegers m_weights;
};

Verdict accepts(const KernelContext& context, const graph::Node& node) {
    const auto* layer = context.lowered.payload<Int8Layer>(node);
    if (!layer || !layer->isConvolution || context.machine.hasVnni || !cpuHasWinograd()) return Verdict::otherKind();
    const at::Tensor& weight = context.weight(layer->weight);
    if (weight.numel() == 0) return Verdict::otherKind();
    const ConvolutionShape shape = shapeOf(*layer, weight);
    constexpr std::int64_t fewestChannels = 8;
    if (!hasWinogradForm(shape) || std::min(shape.inChannels, shape.outChannels) < fewestChannels) return Verdict::otherKind();
    const std::int64_t bytes = winogradWeightBytes(shape, 2) / 2; // as words
    if (!winogradIsWorth(context, node, bytes)) return Verdict::otherKind();
    if (!WinogradIntegers::fits(shape, centredWeights(*layer, weight))) return Verdict::otherKind();
    return Verdict::accepted(onednnCost);
}

Made make(const KernelContext& context, const graph::Node& node, InstructionInfo& info) {
    const auto& layer = *context.lowered.payload<Int8Layer>(node);
    const at::Tensor& weight = context.weight(layer.weight);
    WinogradIntegers weights(shapeOf(layer, weight), centredWeights(layer, weight));
    auto kernel = std::make_shared<WinogradInt8Layer>(layer, std::move(weights), biasOf(context, layer));
    return makeInt8Instruction("Lathe Winograd", layer, std::move(kernel), node, info);
}

} // namespace

KernelDefinition winogradInt8Layer() {
    return {.id = "winograd.int8", .words = "Winograd in integers", .ops = {op::int8Layer}, .accepts = accepts, .make = make};
}

} // namespace lathe::runtime
