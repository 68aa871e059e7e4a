#pragma once

#include <core/runtime/kernels/kernel.h>

namespace lathe::runtime {

/// quantize and dequantize nodes with constant grids that no integer kernel takes in.
[[nodiscard]] KernelDefinition staticQdq();

} // namespace lathe::runtime
