#pragma once

#include <core/runtime/kernels/kernel.h>

namespace lathe::runtime {

/// quint8 → quint8 on another grid by a table: a function of one number.
[[nodiscard]] KernelDefinition tableBytes();

} // namespace lathe::runtime
