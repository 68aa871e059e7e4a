#pragma once

#include <string_view>

#include <ATen/core/stack.h>

#include <core/runtime/kernels/kernel_context_torch.h>

namespace lathe::runtime {

/// An instruction for an operator that LibTorch does not carry: its operands, as the table's schema has them, go to `compute` as a stack.
/// Errors: Rejected when they do not fit the schema.
[[nodiscard]] Made makeVisionOperator(const KernelContext& context, const graph::Node& node, InstructionInfo& info, std::string_view name,
                                      at::Tensor (*compute)(const torch::jit::Stack& operands));

} // namespace lathe::runtime
