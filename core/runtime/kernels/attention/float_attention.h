#pragma once

#include <core/runtime/kernels/kernel.h>

namespace lathe::runtime {

/// Attention in float32, head by head, in plans that choose by time.
[[nodiscard]] KernelDefinition floatAttention();

} // namespace lathe::runtime
