#pragma once

#include <ATen/core/Tensor.h>

#include <core/runtime/kernels/kernel.h>
#include <core/runtime/lowering/qdq_nodes.h>

namespace lathe::runtime {

/// float32 → quint8.
[[nodiscard]] KernelDefinition quantizeBytes();

/// float32 → quint8 in the same memory order.
[[nodiscard]] at::Tensor quantizeBytes(const at::Tensor& input, const ActivationGrid& grid);

} // namespace lathe::runtime
