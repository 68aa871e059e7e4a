#pragma once

#include <core/runtime/kernels/kernel.h>

namespace lathe::runtime {

/// Attention of bfloat16 by AMX or AVX512-BF16 (AttentionTiles): for scores that fit into the caches, sixteen rows at a time.
/// Gives (batch, heads, rows, features) that lie as (batch, rows, heads, features), as the layer behind wants them.
[[nodiscard]] KernelDefinition bfloat16Attention();

} // namespace lathe::runtime
