#pragma once

#include <optional>
#include <vector>

#include <ATen/core/Tensor.h>

#include <core/runtime/instruction_torch.h>
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
/// The values that the node reads, in order.
[[nodiscard]] std::vector<graph::ValueId> operandsOf(const graph::Node& node);

} // namespace lathe::runtime
