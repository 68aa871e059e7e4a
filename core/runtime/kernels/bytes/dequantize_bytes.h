#pragma once

#include <core/runtime/kernels/kernel.h>

namespace lathe::runtime {

/// quint8 → float32, where somebody needs floats.
[[nodiscard]] KernelDefinition dequantizeBytes();

} // namespace lathe::runtime
