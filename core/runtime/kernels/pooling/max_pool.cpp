#include <algorithm>

#include <core/graph/operators/pooling.h>
#include <core/runtime/kernels/aten/library_operator_torch.h>
#include <core/runtime/kernels/kernel_context_torch.h>
#include <core/runtime/kernels/parallel_torch.h>
#include <core/runtime/kernels/pooling/max_pool_loops.h>
#include <core/runtime/kernels/pooling/max_pool_torch.h>
#include <core/runtime/lowering/qdq_nodes.h>
#include <core/runtime/plan_memory_torch.h>

namespace lathe::runtime {

namespace {

template<class Element>
void poolImages(const at::Tensor& images, const Window& window, at::Tensor& result) {
    const std::int64_t channels = images.size(1), height = images.size(2), width = images.size(3);
    const std::int64_t inElements = channels * height * width, outElements = channels * result.size(2) * result.size(3);
    const auto* from = static_cast<const Element*>(images.const_data_ptr());
    auto* to = static_cast<Element*>(result.mutable_data_ptr());
    constexpr std::int64_t grainBytes = 1 << 16; // about 20 µs of work
    const std::int64_t grain =
        std::max<std::int64_t>(1, grainBytes / std::max<std::int64_t>(1, inElements * std::int64_t{sizeof(Element)}));
    at::parallel_for(0, images.size(0), grain, [&](std::int64_t begin, std::int64_t end) {
        thread_local std::vector<Element> scratch;
        for (std::int64_t image = begin; image < end; ++image)
            maxPool(from + image * inElements, height, width, channels, window, to + image * outElements, scratch);
    });
}

Made make(const KernelContext& context, const graph::Node& node, InstructionInfo& info) {
    auto library = makeOperator(context, node, info);
    const auto window = constantWindow(node);
    if (!library || !window || !context.device.is_cpu() || context.options.training) return library;
    if (context.mayBeChannelsLast(*graph::mainInput(node))) info.kernel = "Lathe max_pool2d";
    return makeInstruction([window = *window, input = *graph::mainInput(node), result = node.results[0],
                            library = std::shared_ptr<Instruction>(std::move(*library))](Execution& execution) {
        const at::Tensor& images = execution.tensor(input);
        // Of few channels a vector is mostly empty.
        constexpr std::int64_t fewestChannels = 4;
        const bool isOurs = images.dim() == 4 && images.scalar_type() == at::kFloat && images.numel() > 0 &&
                            images.size(1) >= fewestChannels && images.is_contiguous(at::MemoryFormat::ChannelsLast);
        const std::int64_t outHeight = isOurs ? window.outHeight(images.size(2)) : 0,
                           outWidth = isOurs ? window.outWidth(images.size(3)) : 0;
        if (outHeight <= 0 || outWidth <= 0) { // also for its sentence about what is wrong
            library->run(execution);
            return;
        }
        at::Tensor pooled =
            emptyResult({images.size(0), images.size(1), outHeight, outWidth}, images.scalar_type(), at::MemoryFormat::ChannelsLast);
        maxPoolImages(images, window, pooled);
        execution.slot(result) = std::move(pooled);
    });
}

} // namespace

std::optional<Window> constantWindow(const graph::Node& node) {
    const graph::Pooling pooling(node);
    const auto isEmpty = [](const graph::Operand& operand) {
        const auto list = operand.literal<std::vector<std::int64_t>>();
        return list && list->empty();
    };
    const auto kernel = pairOf(pooling.kernel()), stride = isEmpty(pooling.stride()) ? kernel : pairOf(pooling.stride()),
               padding = pairOf(pooling.padding()), dilation = pairOf(pooling.dilation());
    if (!kernel || !stride || !padding || !dilation || pooling.roundsUp().value_or(true)) return std::nullopt;
    const auto isAtLeast = [](const std::array<std::int64_t, 2>& pair, std::int64_t least) { return pair[0] >= least && pair[1] >= least; };
    const bool isUsual = isAtLeast(*kernel, 1) && isAtLeast(*stride, 1) && isAtLeast(*padding, 0) && isAtLeast(*dilation, 1) &&
                         2 * (*padding)[0] <= (*kernel)[0] && 2 * (*padding)[1] <= (*kernel)[1];
    if (!isUsual) return std::nullopt;
    return Window{(*kernel)[0], (*kernel)[1], (*stride)[0], (*stride)[1], (*padding)[0], (*padding)[1], (*dilation)[0], (*dilation)[1]};
}

void maxPoolImages(const at::Tensor& images, const Window& window, at::Tensor& result) {
    if (images.scalar_type() == at::kFloat)
        poolImages<float>(images, window, result);
    else
        poolImages<std::uint8_t>(images, window, result);
}

KernelDefinition maxPoolFloats() {
    return {.id = "lathe.max_pool", .words = "Lathe max_pool2d", .ops = {op::maxPool2d}, .accepts = acceptsAll, .make = make};
}

} // namespace lathe::runtime
