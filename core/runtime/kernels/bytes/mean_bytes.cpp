#include <core/runtime/kernels/bytes/mean_bytes.h>

#include <algorithm>
#include <cmath>

#include <core/graph/operators/call.h>
#include <core/graph/operators/integers.h>
#include <core/runtime/kernels/bytes/byte_sums.h>
#include <core/runtime/kernels/bytes/quantize_bytes_torch.h>
#include <core/runtime/kernels/kernel_context_torch.h>
#include <core/runtime/kernels/parallel_torch.h>
#include <core/runtime/lowering/patterns/byte_mean.h>
#include <core/runtime/plan_memory_torch.h>

namespace lathe::runtime {

namespace {

at::Tensor means(const at::Tensor& given, const ByteMean& mean) {
    TORCH_CHECK(given.dim() == 4 || given.dim() == 3, "A mean over images needs an input of 3 or 4 dimensions, not ", given.dim(), ".");
    const at::Tensor input = (given.dim() == 3 ? given.unsqueeze(0) : given).contiguous(at::MemoryFormat::ChannelsLast);
    const std::int64_t images = input.size(0), channels = input.size(1), pixels = input.size(2) * input.size(3);
    TORCH_CHECK(pixels > 0, "There is no mean of an image without pixels.");
    const ActivationGrid& grid = mean.output;
    at::Tensor result = mean.keepsDims ? emptyBytes({images, channels, 1, 1}, grid, at::MemoryFormat::ChannelsLast)
                                       : emptyBytes({images, channels}, grid, at::MemoryFormat::Contiguous);
    const auto* from = static_cast<const std::uint8_t*>(input.const_data_ptr());
    auto* to = static_cast<std::uint8_t*>(result.mutable_data_ptr());
    const auto scale = static_cast<float>(mean.input.scale), inverse = static_cast<float>(1.0 / grid.scale),
               low = static_cast<float>(grid.minimum - grid.zeroPoint), high = static_cast<float>(grid.maximum - grid.zeroPoint);
    constexpr std::int64_t grainBytes = 1 << 18; // about 20 µs of work
    const std::int64_t grain = std::max<std::int64_t>(1, grainBytes / std::max<std::int64_t>(1, channels * pixels));
    at::parallel_for(0, images, grain, [&](std::int64_t begin, std::int64_t end) {
        thread_local std::vector<std::int32_t> sums;
        sums.resize(static_cast<std::size_t>(channels));
        for (std::int64_t image = begin; image < end; ++image) {
            sumRows(from + image * pixels * channels, pixels, channels, sums.data());
            for (std::int64_t channel = 0; channel < channels; ++channel) {
                const std::int64_t sum = sums[static_cast<std::size_t>(channel)] - pixels * mean.input.zeroPoint;
                const float real = static_cast<float>(sum) * scale / static_cast<float>(pixels);
                const float rounded = std::nearbyintf(std::min(std::max(real * inverse, low), high));
                to[image * channels + channel] = static_cast<std::uint8_t>(static_cast<std::int64_t>(rounded) + grid.zeroPoint);
            }
        }
    });
    return given.dim() == 3 && mean.keepsDims ? result.squeeze(0) : result;
}

Made makeMean(const KernelContext& context, const graph::Node& node, InstructionInfo& info) {
    info.kernel = "Lathe byte mean";
    return makeInstruction([mean = *context.lowered.payload<ByteMean>(node), input = *graph::mainInput(node), result = node.results[0]](
                               Execution& execution) { execution.slot(result) = means(execution.tensor(input), mean); });
}

} // namespace

KernelDefinition meanBytes() {
    return {.id = "lathe.bytes.mean", .words = "Lathe byte mean", .ops = {op::meanBytes}, .accepts = acceptsAll, .make = makeMean};
}

} // namespace lathe::runtime
