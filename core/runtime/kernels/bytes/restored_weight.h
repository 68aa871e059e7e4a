#pragma once

#include <core/runtime/kernels/kernel.h>

namespace lathe::runtime {

/// The float form of an integer weight, restored when the plan is made; the instruction only hands it out.
[[nodiscard]] KernelDefinition restoredWeight();

} // namespace lathe::runtime
