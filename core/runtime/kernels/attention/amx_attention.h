#pragma once

#include <core/runtime/kernels/kernel.h>

namespace lathe::runtime {

/// Attention of bfloat16 on the matrix tiles of the CPU (AttentionTiles): for scores that fit into the caches, sixteen rows at a time.
/// Gives (batch, heads, rows, features) that lie as (batch, rows, heads, features), as the layer behind wants them.
[[nodiscard]] KernelDefinition amxAttention();

} // namespace lathe::runtime
