#include <core/runtime/kernels/bytes/restored_weight.h>

#include <core/runtime/kernels/kernel_context_torch.h>
#include <core/runtime/kernels/kernel_table.h>
#include <core/runtime/lowering/patterns/weight_only.h>

namespace lathe::runtime {

namespace {

Made makeRestored(const KernelContext& context, const graph::Node& node, InstructionInfo& info) {
    const graph::Node& dequantize = context.lowered.payload<RestoredWeight>(node)->dequantize;
    InstructionInfo ignored;
    auto kernel = kernelsFor(dequantize.op).front()->make(context, dequantize, ignored);
    if (!kernel) return kernel;
    Slots slots = context.slots;
    Execution execution(slots, nullptr);
    (*kernel)->run(execution);
    info.kernel = "weight-only int8 → float";
    info.reason = base::Message("kernel.restoredOnce", {}).text();
    return makeInstruction(
        [weight = execution.slot(node.results[0]), result = node.results[0]](Execution& run) { run.slot(result) = weight; });
}

Verdict accepts(const KernelContext& context, const graph::Node& node) {
    return context.lowered.payload<RestoredWeight>(node) ? Verdict::accepted(1) : Verdict::otherKind();
}

} // namespace

KernelDefinition restoredWeight() {
    return {.id = "lathe.restored_weight",
            .words = "weight restored once",
            .ops = {op::dequantizedWeight},
            .accepts = accepts,
            .make = makeRestored};
}

} // namespace lathe::runtime
