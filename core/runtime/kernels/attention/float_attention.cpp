#include <core/runtime/kernels/attention/float_attention.h>

#include <ATen/ops/empty.h>

#include <core/runtime/kernels/attention/attention_inputs_torch.h>
#include <core/runtime/kernels/attention/attention_parts.h>
#include <core/runtime/kernels/attention/float_head.h>
#include <core/runtime/kernels/onednn/onednn_kernel_torch.h>
#include <core/runtime/kernels/share_torch.h>

namespace lathe::runtime {

namespace {

void compute(const AttentionInputs& inputs, const at::Tensor& result) {
    const AttentionHeads<float> heads(inputs, result);
    const FloatHead first = heads[0];
    const FloatHeadLoops& loops = *floatHeadLoops();
    const int threads = threadsFor(heads.count() * first.rows * first.keys * first.features, false, false);
    const std::int64_t roomFloats = loops.roomFor(first); // of each alike
    const at::Tensor room = at::empty(roomFloats * threads, at::kFloat);
    shareAmong(threads, heads.count(), [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t at = begin; at < end; ++at)
            loops.run(heads[at], room.mutable_data_ptr<float>() + at::get_thread_num() * roomFloats);
    });
}

Made make(const KernelContext& context, const graph::Node& node, InstructionInfo& info) {
    InstructionInfo ignored;
    auto parts = attentionParts().make(context, node, ignored);
    if (!parts) return parts;
    info.kernel = "Lathe attention";
    return makeInstruction([attention = *context.lowered.payload<Attention>(node), operands = operandsOf(node), result = node.results[0],
                            parts = std::shared_ptr<Instruction>(std::move(*parts))](Execution& execution) {
        const auto inputs = attentionInputs(attention, operands, execution);
        if (!inputs) return parts->run(execution);
        const at::Tensor& query = inputs->query;
        const at::Tensor all = at::empty({query.size(0), query.size(1), query.size(2), inputs->value.size(3)}, at::kFloat);
        compute(*inputs, all);
        execution.slot(result) = inputs->isOfThree ? all.squeeze(1) : all;
    });
}

Verdict accepts(const KernelContext& context, const graph::Node& node) {
    const bool isFor = floatHeadLoops() != nullptr && !context.lowered.payload<Attention>(node)->isBfloat16;
    return isFor ? Verdict::accepted(onednnCost) : Verdict::otherKind();
}

} // namespace

KernelDefinition floatAttention() {
    return {.id = "heads.attention",
            .words = "Lathe's attention head by head",
            .ops = {graph::op::attention},
            .accepts = accepts,
            .make = make,
            .roundsDifferently = true};
}

} // namespace lathe::runtime
