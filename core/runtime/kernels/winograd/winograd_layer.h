#pragma once

#include <core/runtime/kernels/kernel.h>

namespace lathe::runtime {

/// Float convolutions of 3x3 by Winograd's algorithm, in plans that choose by time: tiles of 2x2 and of 4x4 results. The larger ones,
/// whose weights take four times the memory, not for late layers of many channels and few pixels, which wait for memory.
[[nodiscard]] KernelDefinition winogradLayer2();
[[nodiscard]] KernelDefinition winogradLayer4();

} // namespace lathe::runtime
