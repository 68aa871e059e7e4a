#pragma once

#include <core/runtime/kernels/kernel.h>

namespace lathe::runtime {

/// Attention as its nodes have it: the library's operators, one after the other. Takes whatever comes.
[[nodiscard]] KernelDefinition attentionParts();

} // namespace lathe::runtime
