#pragma once

#include <core/runtime/kernels/kernel.h>

namespace lathe::runtime {

/// Float layers as their nodes have it: the library's operators, one after the other.
[[nodiscard]] KernelDefinition atenFloatLayer();

} // namespace lathe::runtime
