#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/quantized/Quantizer.h>

#include <core/graph/graph.h>
#include <core/runtime/instruction_torch.h>
#include <core/runtime/lowering/qdq_nodes.h>

namespace lathe::runtime {

/// Results of bytes in the memory of an operand, which is in the cache mostly.

/// Does nobody read the value after the step that runs?
[[nodiscard]] bool isLastReader(const Execution& execution, graph::ValueId value);

/// The tensor itself, on another grid (`quantizer` is that), when its memory is its alone (`tensor` is the only one of it) and its elements
/// lie in the order of `format`; else a new one of the same sizes.
[[nodiscard]] at::Tensor replacedBytes(const at::Tensor& tensor, const ActivationGrid& grid, const at::QuantizerPtr& quantizer,
                                       at::MemoryFormat format);

/// A grid as tensors of bytes have it.
[[nodiscard]] at::QuantizerPtr quantizerOf(const ActivationGrid& grid);

} // namespace lathe::runtime
