#include <core/runtime/kernels/attention/float_attention.h>

#include <ATen/ops/empty.h>

#include <core/runtime/kernels/attention/attention_inputs_torch.h>
#include <core/runtime/kernels/attention/attention_parts.h>
#include <core/runtime/kernels/attention/float_head.h>
#include <core/runtime/kernels/onednn/onednn_kernel_torch.h>
#include <core/runtime/kernels/parallel_torch.h>

namespace lathe::runtime {

namespace {

FloatRows rowsOf(const at::Tensor& tensor, std::int64_t batch, std::int64_t head) {
    return {tensor.const_data_ptr<float>() + batch * tensor.stride(0) + head * tensor.stride(1), tensor.stride(2)};
}

void compute(const AttentionInputs& inputs, const at::Tensor& result) {
    const at::Tensor query = inRows(inputs.query), key = inRows(inputs.key.transpose(2, 3)), value = inRows(inputs.value);
    const std::int64_t heads = query.size(1), count = query.size(0) * heads;
    const auto strideOf = [&](std::int64_t axis) { return inputs.mask->size(axis) == 1 ? 0 : inputs.mask->stride(axis); };
    FloatHead every;
    every.rows = query.size(2);
    every.keys = key.size(2);
    every.features = query.size(3);
    every.valueFeatures = value.size(3);
    every.factor = static_cast<float>(inputs.factor);
    every.resultStride = result.stride(2);
    if (inputs.mask) {
        every.maskRowStride = strideOf(2);
        every.maskKeyStride = strideOf(3);
    }
    const FloatHeadLoops& loops = *floatHeadLoops();
    const int threads = threadsFor(count * every.rows * every.keys * every.features, false, false);
    const std::int64_t roomFloats = loops.roomFor(every);
    const at::Tensor room = at::empty(roomFloats * threads, at::kFloat);
    const auto computeHeads = [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t at = begin; at < end; ++at) {
            const std::int64_t batch = at / heads, index = at % heads;
            FloatHead head = every;
            head.query = rowsOf(query, batch, index);
            head.key = rowsOf(key, batch, index);
            head.value = rowsOf(value, batch, index);
            if (inputs.mask) head.mask = inputs.mask->const_data_ptr<float>() + batch * strideOf(0) + index * strideOf(1);
            head.result = result.mutable_data_ptr<float>() + batch * result.stride(0) + index * result.stride(1);
            loops.run(head, room.mutable_data_ptr<float>() + at::get_thread_num() * roomFloats);
        }
    };
    if (threads == 1)
        computeHeads(0, count);
    else
        at::parallel_for(0, count, 1, computeHeads);
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
    const bool isFor = mayRoundDifferently(context.options, context.choices) && floatHeadLoops() != nullptr &&
                       !context.lowered.payload<Attention>(node)->isBfloat16;
    return isFor ? Verdict::accepted(onednnCost) : Verdict::otherKind();
}

} // namespace

KernelDefinition floatAttention() {
    return {.id = "heads.attention",
            .words = "Lathe's attention head by head",
            .ops = {graph::op::attention},
            .accepts = accepts,
            .make = make};
}

} // namespace lathe::runtime
