#pragma once

#include <core/runtime/kernels/kernel.h>

namespace lathe::runtime {

/// The library's attention that never holds all products of queries and keys at once: T. Dao et al., FlashAttention, 2022. For long rows.
/// Of a row whose mask leaves nothing (all −infinity) it gives zeros where the parts give NaN.
[[nodiscard]] KernelDefinition flashAttention();

} // namespace lathe::runtime
