#include <core/runtime/kernels/attention/bfloat16_attention.h>

#include <ATen/ops/empty.h>

#include <core/runtime/kernels/attention/attention_inputs_torch.h>
#include <core/runtime/kernels/attention/attention_parts.h>
#include <core/runtime/kernels/attention/attention_tiles.h>
#include <core/runtime/kernels/kernel_context_torch.h>
#include <core/runtime/kernels/parallel_torch.h>

namespace lathe::runtime {

namespace {

void compute(const AttentionInputs& inputs, const at::Tensor& result) {
    const AttentionHeads<std::uint16_t> heads(inputs, result);
    at::parallel_for(0, heads.count(), 1, [&](std::int64_t begin, std::int64_t end) {
        AttentionTiles tiles(*bestHalfProducts());
        for (std::int64_t at = begin; at < end; ++at)
            tiles.run(heads[at]);
    });
}

Made make(const KernelContext& context, const graph::Node& node, InstructionInfo& info) {
    InstructionInfo ignored;
    auto parts = attentionParts().make(context, node, ignored);
    if (!parts) return parts;
    info.kernel = bestHalfProducts() == HalfProducts::MatrixTiles ? "Lathe bfloat16 attention, AMX" : "Lathe bfloat16 attention, AVX-512";
    return makeInstruction([attention = *context.lowered.payload<Attention>(node), operands = operandsOf(node), result = node.results[0],
                            parts = std::shared_ptr<Instruction>(std::move(*parts))](Execution& execution) {
        const auto inputs = attentionInputs(attention, operands, execution);
        if (!inputs) return parts->run(execution);
        const at::Tensor& query = inputs->query;
        const at::Tensor memory = at::empty({query.size(0), query.size(2), query.size(1), inputs->value.size(3)}, at::kFloat);
        const at::Tensor all = memory.transpose(1, 2);
        compute(*inputs, all);
        execution.slot(result) = inputs->isOfThree ? all.squeeze(1) : all;
    });
}

Verdict accepts(const KernelContext& context, const graph::Node& node) {
    const bool isFor = context.device.is_cpu() && context.lowered.payload<Attention>(node)->isBfloat16 && bestHalfProducts().has_value();
    return isFor ? Verdict::accepted(1) : Verdict::otherKind();
}

} // namespace

KernelDefinition bfloat16Attention() {
    return {.id = "lathe.bfloat16_attention",
            .words = "Lathe's bfloat16 attention",
            .ops = {graph::op::attention},
            .accepts = accepts,
            .make = make};
}

} // namespace lathe::runtime
