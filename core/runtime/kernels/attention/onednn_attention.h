#pragma once

#include <core/runtime/kernels/kernel.h>

namespace lathe::runtime {

/// Attention by oneDNN's products, the factor within the first, and a softmax that adds the mask: for scores that fit into the caches.
[[nodiscard]] KernelDefinition onednnAttention();

} // namespace lathe::runtime
