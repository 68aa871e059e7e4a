#pragma once

#include <span>

#include <core/runtime/kernels/kernel_context_torch.h>

namespace lathe::runtime {

/// Several nodes of the original graph as one instruction: the library's operators, one after the other. `result` is what is left of their
/// results. Their kernels' names are put together in `info`.
[[nodiscard]] Made makeNodeSequence(const KernelContext& context, std::span<const graph::Node> nodes, graph::ValueId result,
                                    InstructionInfo& info);

} // namespace lathe::runtime
