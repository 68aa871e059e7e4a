#pragma once

#include <ATen/core/Tensor.h>

#include <core/runtime/kernels/kernel.h>
#include <core/runtime/lowering/qdq_nodes.h>

namespace lathe::runtime {

/// float32 → quint8.
[[nodiscard]] KernelDefinition quantizeBytes();

/// The memory order of bytes that are made of floats.
enum class QuantizedOrder {
    OfInput,
    ChannelsLast, ///< of images in the usual order; others keep theirs
};

/// float32 → quint8.
[[nodiscard]] at::Tensor quantizeBytes(const at::Tensor& input, const ActivationGrid& grid, QuantizedOrder order = QuantizedOrder::OfInput);

} // namespace lathe::runtime
