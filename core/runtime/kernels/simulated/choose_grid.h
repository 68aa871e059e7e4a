#pragma once

#include <core/runtime/kernels/kernel.h>

namespace lathe::runtime {

/// Nodes that choose a grid: of a whole tensor, or of each of its rows.
[[nodiscard]] KernelDefinition chooseGrid();

} // namespace lathe::runtime
