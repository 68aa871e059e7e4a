#include <core/runtime/kernels/winograd/winograd_layer.h>

#include <optional>

#include <ATen/ops/empty.h>

#include <core/runtime/cpu.h>
#include <core/runtime/kernels/float_layer/float_layer_instruction_torch.h>
#include <core/runtime/kernels/onednn/onednn_kernel_torch.h>
#include <core/runtime/kernels/share_torch.h>
#include <core/runtime/kernels/vector_function.h>
#include <core/runtime/kernels/winograd/winograd_convolution.h>
#include <core/runtime/kernels/winograd/winograd_kernel_torch.h>

namespace lathe::runtime {

namespace {

class WinogradLayer final : public FloatLayerInstruction {
public:
    WinogradLayer(const KernelContext& context, const FloatLayer& layer, const graph::Node& node, int tileSize)
        : FloatLayerInstruction(context, layer, node, at::kFloat), m_tileSize(tileSize) {}

private:
    void compute(const at::Tensor& input, at::Tensor& result, const FoldedWeights* weights) override {
        if (weights != nullptr) {
            m_convolution.emplace(
                shape(),
                WinogradConvolution::Options{.tileSize = m_tileSize, .addsResult = layer().addsResidual, .function = layer().function},
                weights->weightNumbers(), weights->biasNumbers());
        }
        const WinogradConvolution& convolution = *m_convolution;
        const WinogradImages images = winogradImages(shape(), m_tileSize, input.size(0), input.size(2), input.size(3));
        const int threads = threadsFor(result.numel() * macsPerResult(), false, false);
        const std::int64_t tiles = images.tiles(), most = convolution.chunkTiles(tiles, threads);
        const at::Tensor inputs = at::empty(convolution.inputFloats(most), at::kFloat);
        const std::int64_t productFloats = convolution.productFloats(most);
        const at::Tensor products = at::empty(productFloats * threads, at::kFloat);
        for (std::int64_t first = 0; first < tiles; first += most) {
            const ItemRange chunk{first, std::min(tiles, first + most)};
            const WinogradJob job = convolution.job(images, chunk, input.const_data_ptr<float>(), result.mutable_data_ptr<float>(),
                                                    inputs.mutable_data_ptr<float>());
            shareAmong(threads, chunk.end - chunk.begin, [&](std::int64_t begin, std::int64_t end) {
                convolution.transformInputs(job, {begin, end});
            });
            shareAmong(threads, convolution.groups(), [&](std::int64_t begin, std::int64_t end) {
                convolution.computeGroups(job, {begin, end}, products.mutable_data_ptr<float>() + at::get_thread_num() * productFloats);
            });
        }
    }

    int m_tileSize;
    std::optional<WinogradConvolution> m_convolution; ///< from the first call on
};

Verdict accepts(const KernelContext& context, const graph::Node& node, int tileSize) {
    const auto& layer = *context.lowered.payload<FloatLayer>(node);
    if (!cpuHasAvx2() || !layer.isConvolution || layer.readsBfloat16 || layer.givesBfloat16) return Verdict::otherKind();
    const at::Tensor& weight = context.weight(layer.weight);
    if (weight.numel() == 0) return Verdict::otherKind();
    const ConvolutionShape shape = shapeOf(layer, weight);
    constexpr std::int64_t fewestChannels = 8;
    const bool isOfKind =
        hasWinogradForm(shape) && hasVectorForm(layer.function) && std::min(shape.inChannels, shape.outChannels) >= fewestChannels;
    if (!isOfKind || (tileSize > 2 && !winogradIsWorth(context, node, winogradWeightBytes(shape, tileSize)))) return Verdict::otherKind();
    return Verdict::accepted(onednnCost);
}

template<int TileSize>
KernelDefinition definition(std::string_view id, std::string_view words) {
    return {.id = id,
            .words = words,
            .ops = {op::floatConvolution},
            .accepts = [](const KernelContext& context, const graph::Node& node) { return accepts(context, node, TileSize); },
            .make = [](const KernelContext& context, const graph::Node& node, InstructionInfo& info) -> Made {
                const auto& layer = *context.lowered.payload<FloatLayer>(node);
                info.kernel = "Lathe Winograd " + std::to_string(TileSize) + "x" + std::to_string(TileSize) + " " + wordsOf(layer);
                return std::make_unique<WinogradLayer>(context, layer, node, TileSize);
            },
            .roundsDifferently = true};
}

} // namespace

KernelDefinition winogradLayer2() { return definition<2>("winograd.2x2", "Winograd by tiles of 2x2"); }
KernelDefinition winogradLayer4() { return definition<4>("winograd.4x4", "Winograd by tiles of 4x4"); }

} // namespace lathe::runtime
