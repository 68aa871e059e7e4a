#include <core/runtime/kernels/bytes/max_pool_bytes.h>

#include <core/graph/operators/pooling.h>
#include <core/runtime/kernels/bytes/quantize_bytes_torch.h>
#include <core/runtime/kernels/kernel_context_torch.h>
#include <core/runtime/kernels/pooling/max_pool_torch.h>
#include <core/runtime/plan_memory_torch.h>

namespace lathe::runtime {

namespace {

Window poolWindow(const graph::Node& node) {
    const auto pair = [](const graph::Operand& operand) { return operand.literal<std::vector<std::int64_t>>().value(); };
    const graph::Pooling pooling(node);
    const auto kernel = pair(pooling.kernel()), stride = pair(pooling.stride()), padding = pair(pooling.padding()),
               dilation = pair(pooling.dilation());
    return {kernel[0], kernel[1], stride[0], stride[1], padding[0], padding[1], dilation[0], dilation[1]};
}

at::Tensor maxPool(const at::Tensor& given, const Window& window) {
    TORCH_CHECK(given.dim() == 4 || given.dim() == 3, "A 2-d pooling needs an input of 3 or 4 dimensions, not ", given.dim(), ".");
    const at::Tensor input = (given.dim() == 3 ? given.unsqueeze(0) : given).contiguous(at::MemoryFormat::ChannelsLast);
    const std::int64_t images = input.size(0), channels = input.size(1), height = input.size(2), width = input.size(3);
    const std::int64_t outHeight = window.outHeight(height), outWidth = window.outWidth(width);
    TORCH_CHECK(outHeight > 0 && outWidth > 0, "The pooling window is larger than the padded input.");
    const ActivationGrid grid{input.q_scale(), input.q_zero_point(), 0, 255};
    at::Tensor result = emptyBytes({images, channels, outHeight, outWidth}, grid, at::MemoryFormat::ChannelsLast);
    maxPoolImages(input, window, result);
    return given.dim() == 3 ? result.squeeze(0) : result;
}

Made makeMaxPool(const KernelContext&, const graph::Node& node, InstructionInfo& info) {
    info.kernel = "Lathe byte max_pool2d";
    return makeInstruction([window = poolWindow(node), input = *graph::mainInput(node), result = node.results[0]](Execution& execution) {
        execution.slot(result) = maxPool(execution.tensor(input), window);
    });
}

} // namespace

KernelDefinition maxPoolBytes() {
    return {.id = "lathe.bytes.max_pool",
            .words = "Lathe byte max_pool2d",
            .ops = {op::maxPoolBytes},
            .accepts = acceptsAll,
            .make = makeMaxPool};
}

} // namespace lathe::runtime
