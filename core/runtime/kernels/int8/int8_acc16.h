#pragma once

#include <core/runtime/kernels/kernel.h>

namespace lathe::runtime {

/// Convolutions and linear layers whose products are summed in 16 bits, for CPUs with AVX2 but without VNNI.
[[nodiscard]] KernelDefinition int8Acc16();

} // namespace lathe::runtime
