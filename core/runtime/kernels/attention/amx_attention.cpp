#include <core/runtime/kernels/attention/amx_attention.h>

#include <ATen/ops/empty.h>

#include <core/runtime/kernels/attention/attention_inputs_torch.h>
#include <core/runtime/kernels/attention/attention_parts.h>
#include <core/runtime/kernels/attention/attention_tiles.h>
#include <core/runtime/kernels/kernel_context_torch.h>
#include <core/runtime/kernels/parallel_torch.h>

namespace lathe::runtime {

namespace {

HalfRows rowsOf(const at::Tensor& tensor, std::int64_t batch, std::int64_t head) {
    const auto* data = static_cast<const std::uint16_t*>(tensor.const_data_ptr());
    return {data + batch * tensor.stride(0) + head * tensor.stride(1), tensor.stride(2)};
}

void compute(const AttentionInputs& inputs, const at::Tensor& result) {
    const at::Tensor query = inRows(inputs.query), key = inRows(inputs.key.transpose(2, 3)), value = inRows(inputs.value);
    const std::int64_t heads = query.size(1);
    const auto strideOf = [&](std::int64_t axis) { return inputs.mask->size(axis) == 1 ? 0 : inputs.mask->stride(axis); };
    at::parallel_for(0, query.size(0) * heads, 1, [&](std::int64_t begin, std::int64_t end) {
        AttentionTiles tiles;
        for (std::int64_t at = begin; at < end; ++at) {
            const std::int64_t batch = at / heads, head = at % heads;
            HalfHead one;
            one.rows = query.size(2);
            one.keys = key.size(2);
            one.features = query.size(3);
            one.valueFeatures = value.size(3);
            one.query = rowsOf(query, batch, head);
            one.key = rowsOf(key, batch, head);
            one.value = rowsOf(value, batch, head);
            one.factor = static_cast<float>(inputs.factor);
            if (inputs.mask) {
                one.mask = inputs.mask->const_data_ptr<float>() + batch * strideOf(0) + head * strideOf(1);
                one.maskRowStride = strideOf(2);
                one.maskKeyStride = strideOf(3);
            }
            one.result = result.mutable_data_ptr<float>() + batch * result.stride(0) + head * result.stride(1);
            one.resultStride = result.stride(2);
            tiles.run(one);
        }
    });
}

Made make(const KernelContext& context, const graph::Node& node, InstructionInfo& info) {
    InstructionInfo ignored;
    auto parts = attentionParts().make(context, node, ignored);
    if (!parts) return parts;
    info.kernel = "Lathe bfloat16 attention, AMX";
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
    const bool isFor = context.device.is_cpu() && context.lowered.payload<Attention>(node)->isBfloat16 && AttentionTiles::isAvailable();
    return isFor ? Verdict::accepted(1) : Verdict::otherKind();
}

} // namespace

KernelDefinition amxAttention() {
    return {.id = "lathe.amx_attention",
            .words = "Lathe's attention on matrix tiles",
            .ops = {graph::op::attention},
            .accepts = accepts,
            .make = make};
}

} // namespace lathe::runtime
