#include <core/runtime/kernels/attention/flash_attention.h>

#include <ATen/ops/_scaled_dot_product_flash_attention_for_cpu.h>

#include <core/runtime/kernels/attention/attention_inputs_torch.h>
#include <core/runtime/kernels/attention/attention_parts.h>
#include <core/runtime/kernels/kernel_context_torch.h>

namespace lathe::runtime {

namespace {

Made make(const KernelContext& context, const graph::Node& node, InstructionInfo& info) {
    InstructionInfo ignored;
    auto parts = attentionParts().make(context, node, ignored);
    if (!parts) return parts;
    info.kernel = "ATen flash attention";
    return makeInstruction([attention = *context.lowered.payload<Attention>(node), operands = operandsOf(node), result = node.results[0],
                            parts = std::shared_ptr<Instruction>(std::move(*parts))](Execution& execution) {
        const auto inputs = attentionInputs(attention, operands, execution);
        if (!inputs || inputs->value.size(3) != inputs->query.size(3)) return parts->run(execution);
        const auto mask = inputs->mask ? std::optional(inRows(*inputs->mask)) : std::nullopt;
        const at::Tensor all = std::get<0>(at::_scaled_dot_product_flash_attention_for_cpu(
            inRows(inputs->query), inRows(inputs->key.transpose(2, 3)), inRows(inputs->value), 0.0, false, mask, inputs->factor));
        execution.slot(result) = (inputs->isOfThree ? all.squeeze(1) : all).contiguous();
    });
}

Verdict accepts(const KernelContext& context, const graph::Node& node) {
    // Of bfloat16 it would round the result too.
    return context.lowered.payload<Attention>(node)->isBfloat16 ? Verdict::otherKind() : Verdict::accepted(1.5);
}

} // namespace

KernelDefinition flashAttention() {
    return {.id = "flash.attention", .words = "ATen flash attention", .ops = {graph::op::attention}, .accepts = accepts, .make = make};
}

} // namespace lathe::runtime
