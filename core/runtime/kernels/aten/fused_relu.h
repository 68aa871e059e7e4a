#pragma once

#include <core/runtime/kernels/kernel.h>

namespace lathe::runtime {

/// Lathe's fused operators in float: the library's kernel, then ReLU in place on its fresh result.
[[nodiscard]] KernelDefinition fusedRelu();

} // namespace lathe::runtime
