#pragma once

#include <core/runtime/kernels/kernel.h>

namespace lathe::runtime {

/// Two quint8 tensors, each on its grid → their sum or product on a third.
[[nodiscard]] KernelDefinition pairBytes();

} // namespace lathe::runtime
