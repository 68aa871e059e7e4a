#include <core/runtime/kernels/bytes/quantize_bytes_torch.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <vector>

#include <core/graph/operators/call.h>
#include <core/runtime/kernels/bytes/float_bytes.h>
#include <core/runtime/kernels/kernel_context_torch.h>
#include <core/runtime/kernels/parallel_torch.h>
#include <core/runtime/lowering/patterns/quantized.h>
#include <core/runtime/plan_memory_torch.h>

namespace lathe::runtime {

namespace {

constexpr std::int64_t bytesWorthAThread = 1 << 17;

/// The dimensions from the one with the longest step in memory to that with the shortest.
std::vector<std::int64_t> orderInMemory(const at::Tensor& tensor) {
    std::vector<std::int64_t> order(static_cast<std::size_t>(tensor.dim()));
    std::iota(order.begin(), order.end(), 0);
    std::ranges::stable_sort(order, std::greater(), [&](std::int64_t axis) { return tensor.stride(axis); });
    return order;
}

/// Images in the usual order, into channels last.
at::Tensor quantizeImages(const at::Tensor& input, const ActivationGrid& grid) {
    at::Tensor bytes = emptyBytes(input.sizes(), grid, at::MemoryFormat::ChannelsLast);
    const auto* from = input.const_data_ptr<float>();
    auto* to = static_cast<std::uint8_t*>(bytes.mutable_data_ptr());
    const auto inverse = static_cast<float>(1.0 / grid.scale);
    const std::int64_t channels = input.size(1), planeSize = input.size(2) * input.size(3);
    const std::int64_t grain = std::max<std::int64_t>(1, bytesWorthAThread / std::max<std::int64_t>(1, channels));
    at::parallel_for(0, input.size(0) * planeSize, grain, [&](std::int64_t begin, std::int64_t end) {
        while (begin < end) { // image by image
            const std::int64_t image = begin / planeSize, first = begin % planeSize, last = std::min(planeSize, first + end - begin);
            quantizePlanes(from + image * channels * planeSize, channels, planeSize, {first, last}, inverse,
                           static_cast<std::int32_t>(grid.zeroPoint), static_cast<std::int32_t>(grid.minimum),
                           static_cast<std::int32_t>(grid.maximum), to + begin * channels, int8Instructions());
            begin += last - first;
        }
    });
    return bytes;
}

} // namespace

at::Tensor quantizeBytes(const at::Tensor& input, const ActivationGrid& grid, QuantizedOrder wanted) {
    // Transposed: the bytes lie as the floats do, so that transposing them back costs nothing.
    if (!input.is_contiguous(input.suggest_memory_format()) && input.is_non_overlapping_and_dense()) {
        const std::vector<std::int64_t> order = orderInMemory(input);
        std::vector<std::int64_t> back(order.size());
        for (std::size_t at = 0; at < order.size(); ++at)
            back[static_cast<std::size_t>(order[at])] = static_cast<std::int64_t>(at);
        const at::Tensor inOrder = input.permute(order);
        if (inOrder.is_contiguous()) return quantizeBytes(inOrder, grid).permute(back);
    }
    if (wanted == QuantizedOrder::ChannelsLast && input.dim() == 4 && input.numel() > 0 && input.is_contiguous() &&
        input.scalar_type() == at::kFloat)
        return quantizeImages(input, grid);
    const at::MemoryFormat format = input.suggest_memory_format();
    const at::Tensor plain = input.to(at::kFloat).contiguous(format);
    at::Tensor bytes = emptyBytes(plain.sizes(), grid, format);
    const auto* from = plain.const_data_ptr<float>();
    auto* to = static_cast<std::uint8_t*>(bytes.mutable_data_ptr());
    const auto inverse = static_cast<float>(1.0 / grid.scale);
    at::parallel_for(0, plain.numel(), bytesWorthAThread, [&](std::int64_t begin, std::int64_t end) {
        quantizeFloats(from + begin, end - begin, inverse, static_cast<std::int32_t>(grid.zeroPoint),
                       static_cast<std::int32_t>(grid.minimum), static_cast<std::int32_t>(grid.maximum), to + begin, int8Instructions());
    });
    return bytes;
}

namespace {

Verdict accepts(const KernelContext& context, const graph::Node& node) {
    return context.lowered.payload<Quantized>(node) ? Verdict::accepted(1) : Verdict::otherKind();
}

Made makeQuantize(const KernelContext& context, const graph::Node& node, InstructionInfo& info) {
    info.kernel = "Lathe quantize";
    return makeInstruction([quantized = *context.lowered.payload<Quantized>(node), input = *graph::mainInput(node),
                            result = node.results[0]](Execution& execution) {
        const auto order = quantized.makesChannelsLast ? QuantizedOrder::ChannelsLast : QuantizedOrder::OfInput;
        execution.slot(result) = quantizeBytes(execution.tensor(input), quantized.grid, order);
    });
}

} // namespace

KernelDefinition quantizeBytes() {
    return {.id = "lathe.bytes.quantize", .words = "Lathe quantize", .ops = {op::quantizeBytes}, .accepts = accepts, .make = makeQuantize};
}

} // namespace lathe::runtime
