#pragma once

#include <core/runtime/kernels/kernel.h>

namespace lathe::runtime {

/// Integer convolutions of 3x3 by Winograd's algorithm, on CPUs with AVX2 and no VNNI. The same bytes as other kernels of Lathe.
[[nodiscard]] KernelDefinition winogradInt8Layer();

} // namespace lathe::runtime
