#pragma once

#include <core/runtime/kernels/kernel.h>

namespace lathe::runtime {

/// Linear layers whose input's range is chosen while running, for the whole input or for each row: the products of bytes by oneDNN, which
/// uses tiles (AMX) where the CPU has them, what lies before and behind them by Lathe. On CPUs with VNNI; signed weights without zero
/// points.
[[nodiscard]] KernelDefinition onednnDynamicLinear();

} // namespace lathe::runtime
