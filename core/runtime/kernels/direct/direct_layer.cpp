#include <core/runtime/kernels/direct/direct_layer.h>

#include <optional>

#include <ATen/ops/empty.h>

#include <core/runtime/cpu.h>
#include <core/runtime/kernels/direct/direct_convolution.h>
#include <core/runtime/kernels/float_layer/float_layer_instruction_torch.h>
#include <core/runtime/kernels/onednn/onednn_kernel_torch.h>
#include <core/runtime/kernels/share_torch.h>
#include <core/runtime/kernels/vector_function.h>

namespace lathe::runtime {

namespace {

class DirectLayer final : public FloatLayerInstruction {
public:
    DirectLayer(const KernelContext& context, const FloatLayer& layer, const graph::Node& node)
        : FloatLayerInstruction(context, layer, node, at::kFloat) {}

private:
    void compute(const at::Tensor& input, at::Tensor& result, const FoldedWeights* weights) override {
        if (weights != nullptr) {
            m_convolution.emplace(shape(), DirectConvolution::Options{.addsResult = layer().addsResidual, .function = layer().function},
                                  weights->weightNumbers(), weights->biasNumbers());
        }
        const DirectConvolution& convolution = *m_convolution;
        const DirectConvolution::Images images{input.size(0), input.size(2), input.size(3), input.const_data_ptr<float>(),
                                               result.mutable_data_ptr<float>()};
        const int threads = threadsFor(result.numel() * macsPerResult(), false, false);
        const std::int64_t rows = result.size(0) * result.size(2), blocks = convolution.blocks();
        const std::int64_t paddedFloats = convolution.paddedFloats(images);
        const at::Tensor padded = at::empty(paddedFloats * threads, at::kFloat);
        const auto compute = [&](ItemRange someRows, ItemRange someBlocks) {
            convolution.compute(images, someRows, someBlocks, padded.mutable_data_ptr<float>() + at::get_thread_num() * paddedFloats);
        };
        // Threads share what each of them would read as a whole otherwise: the images or the weights.
        const bool sharesWeights = macsPerResult() * result.size(1) > input.numel() && blocks >= threads;
        shareAmong(threads, sharesWeights ? blocks : rows, [&](std::int64_t begin, std::int64_t end) {
            sharesWeights ? compute({0, rows}, {begin, end}) : compute({begin, end}, {0, blocks});
        });
    }

    std::optional<DirectConvolution> m_convolution; ///< from the first call on
};

Verdict accepts(const KernelContext& context, const graph::Node& node) {
    const auto& layer = *context.lowered.payload<FloatLayer>(node);
    if (!cpuHasAvx2() || layer.readsBfloat16 || layer.givesBfloat16 || !hasVectorForm(layer.function)) return Verdict::otherKind();
    const at::Tensor& weight = context.weight(layer.weight);
    if (weight.numel() == 0) return Verdict::otherKind();
    const ConvolutionShape shape = shapeOf(layer, weight);
    // A kernel of 1x1 is a product of matrices, of which libraries lose nothing.
    const bool isOfKind = shape.groups == 1 && shape.window.kernelHeight * shape.window.kernelWidth > 1;
    if (!isOfKind) return Verdict::otherKind();
    return Verdict::accepted(onednnCost);
}

Made make(const KernelContext& context, const graph::Node& node, InstructionInfo& info) {
    const auto& layer = *context.lowered.payload<FloatLayer>(node);
    info.kernel = "Lathe direct " + wordsOf(layer);
    return std::make_unique<DirectLayer>(context, layer, node);
}

} // namespace

KernelDefinition directLayer() {
    return {.id = "direct.float_layer",
            .words = "Lathe's direct convolution",
            .ops = {op::floatConvolution},
            .accepts = accepts,
            .make = make,
            .roundsDifferently = true};
}

} // namespace lathe::runtime
