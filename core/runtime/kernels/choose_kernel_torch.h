#pragma once

#include <core/runtime/kernels/kernel_context_torch.h>

namespace lathe::runtime {

/// Asks all kernels for the node's operator and makes the instruction of the best one: the cheapest of those that accept, of the library
/// that the options ask for where there is one. Adds to `info.reason` why it was chosen and what spoke against the others.
[[nodiscard]] Made makeByBestKernel(const KernelContext& context, const graph::Node& node, InstructionInfo& info);

} // namespace lathe::runtime
