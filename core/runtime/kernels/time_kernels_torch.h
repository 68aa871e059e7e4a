#pragma once

#include <optional>
#include <span>
#include <string>

#include <core/runtime/kernels/kernel_choices.h>
#include <core/runtime/kernels/kernel_context_torch.h>

namespace lathe::runtime {

/// What layers of one form have in common, whichever kernel computes them: the operator, its constants, the shapes of inputs and weights
/// ("aten::conv2d 1x64x56x56 64x64x3x3 64 [1, 1] [1, 1] [1, 1] 1, channels last"). A dimension that is only known while running counts
/// as 1. Nothing when a shape is not known.
[[nodiscard]] std::optional<std::string> formOf(const KernelContext& context, const graph::Node& node);

/// Runs each kernel on random inputs of the layer's shapes, in turns, and gives the least that each took. Kernels that cannot be made
/// or fail are left out. At most about a tenth of a second.
[[nodiscard]] KernelTimes timeKernels(const KernelContext& context, const graph::Node& node,
                                      std::span<const KernelDefinition* const> candidates);

} // namespace lathe::runtime
