#pragma once

#include <core/runtime/kernels/kernel_context_torch.h>

namespace lathe::runtime {

/// May a plan take kernels that do not give ATen's bits? Those that choose by time may, and those that ask for such kernels
/// (PlanOptions::library); on a CPU, and not for training.
[[nodiscard]] bool mayRoundDifferently(const PlanOptions& options, const KernelChoices* choices);

/// Asks all kernels for the node's operator and makes the instruction of the best one: the cheapest of those that accept, of the library
/// that the options ask for where there is one. Adds to `info.reason` why it was chosen and what spoke against the others.
[[nodiscard]] Made makeByBestKernel(const KernelContext& context, const graph::Node& node, InstructionInfo& info);

} // namespace lathe::runtime
