#pragma once

#include <core/runtime/kernels/kernel.h>

namespace lathe::runtime {

/// Integer layers by oneDNN: weights packed once; addition, limits and quantization are computed while the result is stored.
[[nodiscard]] KernelDefinition onednnInt8Layer();

} // namespace lathe::runtime
