#pragma once

#include <core/runtime/kernels/kernel.h>

namespace lathe::runtime {

/// quint8 tensors, each on its grid, side by side on one.
[[nodiscard]] KernelDefinition concatenateBytes();

} // namespace lathe::runtime
