#include <core/runtime/kernels/bytes/quantize_bytes_torch.h>

#include <ATen/ops/_empty_affine_quantized.h>

#include <core/graph/operators/call.h>
#include <core/runtime/kernels/bytes/float_bytes.h>
#include <core/runtime/kernels/kernel_context_torch.h>
#include <core/runtime/kernels/parallel_torch.h>
#include <core/runtime/lowering/patterns/quantized.h>

namespace lathe::runtime {

at::Tensor emptyBytes(at::IntArrayRef sizes, const ActivationGrid& grid, at::MemoryFormat format) {
    return at::_empty_affine_quantized(sizes, at::TensorOptions(at::kQUInt8).memory_format(format), grid.scale, grid.zeroPoint,
                                       std::nullopt);
}

at::Tensor quantizeBytes(const at::Tensor& input, const ActivationGrid& grid) {
    const at::MemoryFormat format = input.suggest_memory_format();
    const at::Tensor plain = input.to(at::kFloat).contiguous(format);
    at::Tensor bytes = emptyBytes(plain.sizes(), grid, format);
    const auto* from = plain.const_data_ptr<float>();
    auto* to = static_cast<std::uint8_t*>(bytes.mutable_data_ptr());
    const auto inverse = static_cast<float>(1.0 / grid.scale);
    at::parallel_for(0, plain.numel(), 1 << 17, [&](std::int64_t begin, std::int64_t end) {
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
    return makeInstruction(
        [grid = context.lowered.payload<Quantized>(node)->grid, input = *graph::mainInput(node),
         result = node.results[0]](Execution& execution) { execution.slot(result) = quantizeBytes(execution.tensor(input), grid); });
}

} // namespace

KernelDefinition quantizeBytes() {
    return {.id = "lathe.bytes.quantize", .words = "Lathe quantize", .ops = {op::quantizeBytes}, .accepts = accepts, .make = makeQuantize};
}

} // namespace lathe::runtime
