#pragma once

#include <optional>
#include <utility>
#include <vector>

#include <ATen/core/Tensor.h>

#include <core/runtime/instruction_torch.h>
#include <core/runtime/kernels/attention/attention_head.h>
#include <core/runtime/lowering/patterns/attention.h>

namespace lathe::runtime {

/// What a call of an attention node is given, of four dimensions: (batch, heads, rows, features); three have one head.
struct AttentionInputs {
    at::Tensor query, key, value; ///< key: (batch, heads, features, keys)
    std::optional<at::Tensor> mask;
    double factor = 1;
    bool isOfThree = false; ///< the node's tensors have three dimensions, and so has its result
};

/// Reads them. Nothing where kernels for whole attentions do not fit: other types, batches or heads that are broadcast, empty tensors.
[[nodiscard]] std::optional<AttentionInputs> attentionInputs(const Attention& attention, const std::vector<graph::ValueId>& operands,
                                                             Execution& execution);
/// Rows whose numbers lie side by side.
[[nodiscard]] inline at::Tensor inRows(const at::Tensor& tensor) { return tensor.stride(-1) == 1 ? tensor : tensor.contiguous(); }
/// The heads of a call, of all batches; Number as AttentionHead has it. Inputs and result have to outlive it.
template<class Number>
class AttentionHeads {
public:
    /// `result`: (batch, heads, rows, features of values), rows with their numbers side by side.
    AttentionHeads(const AttentionInputs& inputs, at::Tensor result)
        : m_query(inRows(inputs.query)), m_key(inRows(inputs.key.transpose(2, 3))), m_value(inRows(inputs.value)), m_mask(inputs.mask),
          m_result(std::move(result)), m_factor(static_cast<float>(inputs.factor)) {}

    [[nodiscard]] std::int64_t count() const { return m_query.size(0) * m_query.size(1); }
    [[nodiscard]] AttentionHead<Number> operator[](std::int64_t index) const {
        const std::int64_t batch = index / m_query.size(1), head = index % m_query.size(1);
        const auto from = [&](const at::Tensor& tensor) { return batch * tensor.stride(0) + head * tensor.stride(1); };
        const auto rows = [&](const at::Tensor& tensor) {
            return NumberRows<Number>{static_cast<const Number*>(tensor.const_data_ptr()) + from(tensor), tensor.stride(2)};
        };
        AttentionHead<Number> one;
        one.rows = m_query.size(2);
        one.keys = m_key.size(2);
        one.features = m_query.size(3);
        one.valueFeatures = m_value.size(3);
        one.query = rows(m_query);
        one.key = rows(m_key);
        one.value = rows(m_value);
        one.factor = m_factor;
        if (m_mask) {
            const auto stride = [&](std::int64_t axis) { return m_mask->size(axis) == 1 ? 0 : m_mask->stride(axis); };
            one.mask = m_mask->const_data_ptr<float>() + batch * stride(0) + head * stride(1);
            one.maskRowStride = stride(2);
            one.maskKeyStride = stride(3);
        }
        one.result = m_result.mutable_data_ptr<float>() + from(m_result);
        one.resultStride = m_result.stride(2);
        return one;
    }

private:
    at::Tensor m_query, m_key, m_value;
    std::optional<at::Tensor> m_mask;
    at::Tensor m_result;
    float m_factor;
};

/// The values that the node reads, in order.
[[nodiscard]] std::vector<graph::ValueId> operandsOf(const graph::Node& node);

} // namespace lathe::runtime
