#include <core/runtime/kernels/attention/onednn_attention.h>

#include <array>
#include <cstdint>

#include <ATen/ops/empty.h>

#include <core/runtime/cpu.h>
#include <core/runtime/kernels/attention/attention_inputs_torch.h>
#include <core/runtime/kernels/attention/attention_parts.h>
#include <core/runtime/kernels/attention/row_softmax.h>
#include <core/runtime/kernels/onednn/onednn_kernel_torch.h>
#include <core/runtime/kernels/parallel_torch.h>
#include <core/runtime/onednn/attention_products.h>

namespace lathe::runtime {

namespace {

using Strides = std::array<std::int64_t, 4>;

/// Elements from batch to batch, head to head, row to row, key to key: 0 along what is the same for all.
Strides broadcastStridesOf(const at::Tensor& mask) {
    Strides strides{};
    for (std::size_t axis = 0; axis < strides.size(); ++axis) {
        const auto at = static_cast<std::int64_t>(axis);
        strides[axis] = mask.size(at) == 1 ? 0 : mask.stride(at);
    }
    return strides;
}

class OnednnAttention final : public Instruction {
public:
    OnednnAttention(const Attention& attention, const graph::Node& node, std::unique_ptr<Instruction> parts)
        : m_attention(attention), m_operands(operandsOf(node)), m_result(node.results[0]), m_parts(std::move(parts)) {}

    void run(Execution& execution) override {
        const auto inputs = attentionInputs(m_attention, m_operands, execution);
        if (!inputs) return m_parts->run(execution);
        const at::Tensor query = inputs->query.contiguous(),
                         key = (m_attention.isBfloat16 ? inputs->key : inputs->key.transpose(2, 3)).contiguous(),
                         value = inputs->value.contiguous();
        AttentionForm form;
        form.batch = query.size(0);
        form.heads = query.size(1);
        form.rows = query.size(2);
        form.features = query.size(3);
        form.keys = inputs->key.size(3);
        form.valueFeatures = value.size(3);
        form.factor = static_cast<float>(inputs->factor);
        form.isBfloat16 = m_attention.isBfloat16;
        at::Tensor result = at::empty({form.batch, form.heads, form.rows, form.valueFeatures}, at::kFloat);
        const std::int64_t macs = form.batch * form.heads * form.rows * form.keys * form.features;
        const int threads = threadsFor(macs, form.isBfloat16, false);
        const auto count = static_cast<std::size_t>(form.batch * form.heads * form.rows * form.keys);
        if (m_scores.size() < count) m_scores.resize(count);
        const auto scored = m_products.scores(form, query.const_data_ptr(), key.const_data_ptr(), m_scores.data(), threads);
        // Without AVX-512 oneDNN may not be able to call what it multiplies with (core/runtime/onednn/packed_layer.cpp).
        if (!scored) return m_parts->run(execution);
        if (form.isBfloat16 && m_weights.size() < count) m_weights.resize(count);
        weigh(form, inputs->mask);
        const void* weights = form.isBfloat16 ? static_cast<const void*>(m_weights.data()) : m_scores.data();
        const auto summed = m_products.sums(form, weights, value.const_data_ptr(), result.mutable_data_ptr<float>(), threads);
        if (!summed) return m_parts->run(execution);
        execution.slot(m_result) = inputs->isOfThree ? result.squeeze(1) : std::move(result);
    }

private:
    /// Makes weights of the scores, in their place, or as bfloat16 in m_weights.
    void weigh(const AttentionForm& form, const std::optional<at::Tensor>& mask) {
        const float* from = mask ? mask->const_data_ptr<float>() : nullptr;
        const Strides strides = mask ? broadcastStridesOf(*mask) : Strides{};
        constexpr std::int64_t keysAtOnce = 1 << 14;
        at::parallel_for(0, form.batch * form.heads * form.rows, keysAtOnce / form.keys + 1, [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t at = begin; at < end; ++at) {
                const std::int64_t row = at % form.rows, head = at / form.rows % form.heads, batch = at / form.rows / form.heads;
                const float* ofRow = from == nullptr ? nullptr : from + batch * strides[0] + head * strides[1] + row * strides[2];
                softmaxRow(m_scores.data() + at * form.keys, form.keys, ofRow, strides[3]);
                if (form.isBfloat16) toBfloat16(m_scores.data() + at * form.keys, form.keys, m_weights.data() + at * form.keys);
            }
        });
    }

    Attention m_attention;
    std::vector<graph::ValueId> m_operands;
    graph::ValueId m_result;
    std::unique_ptr<Instruction> m_parts;
    AttentionProducts m_products;
    std::vector<float> m_scores;
    std::vector<std::uint16_t> m_weights; ///< of bfloat16
};

Verdict accepts(const KernelContext& context, const graph::Node& node) {
    if (context.lowered.payload<Attention>(node)->isBfloat16 && !cpuHasBfloat16()) return Verdict::otherKind();
    return Verdict::accepted(onednnCost);
}

Made make(const KernelContext& context, const graph::Node& node, InstructionInfo& info) {
    InstructionInfo ignored;
    auto parts = attentionParts().make(context, node, ignored);
    if (!parts) return parts;
    info.kernel = context.lowered.payload<Attention>(node)->isBfloat16 ? "oneDNN bfloat16 attention" : "oneDNN attention";
    return std::make_unique<OnednnAttention>(*context.lowered.payload<Attention>(node), node, std::move(*parts));
}

} // namespace

KernelDefinition onednnAttention() {
    return {.id = "onednn.attention",
            .words = "oneDNN attention",
            .ops = {graph::op::attention},
            .accepts = accepts,
            .make = make,
            .roundsDifferently = true};
}

} // namespace lathe::runtime
