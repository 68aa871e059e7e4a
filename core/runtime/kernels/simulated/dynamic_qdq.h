#pragma once

#include <core/runtime/kernels/kernel.h>

namespace lathe::runtime {

/// quantize and dequantize nodes whose grids a node in front of them chooses.
[[nodiscard]] KernelDefinition dynamicQdq();

} // namespace lathe::runtime
