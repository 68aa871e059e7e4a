#include <core/runtime/kernels/bytes/dequantize_bytes.h>

#include <ATen/ops/dequantize.h>

#include <core/graph/operators/call.h>
#include <core/runtime/kernels/kernel_context_torch.h>
#include <core/runtime/lowering/patterns/dequantized.h>

namespace lathe::runtime {

namespace {

Made makeDequantize(const KernelContext& context, const graph::Node& node, InstructionInfo& info) {
    info.kernel = "ATen dequantize";
    const auto* dequantized = context.lowered.payload<Dequantized>(node);
    const bool keepsOrder = dequantized && dequantized->keepsChannelsLast;
    return makeInstruction([keepsOrder, input = *graph::mainInput(node), result = node.results[0]](Execution& execution) {
        at::Tensor floats = at::dequantize(execution.tensor(input));
        // Bytes may be channels-last, which a view that follows would not take.
        execution.slot(result) = keepsOrder && floats.dim() == 4 ? floats : floats.contiguous();
    });
}

} // namespace

KernelDefinition dequantizeBytes() {
    return {
        .id = "aten.dequantize", .words = "ATen dequantize", .ops = {op::dequantizeBytes}, .accepts = acceptsAll, .make = makeDequantize};
}

} // namespace lathe::runtime
