#pragma once

#include <core/runtime/kernels/kernel.h>

namespace lathe::runtime {

/// Float layers by oneDNN: batch norms are multiplied into the weights, which are packed once; addition and activation are computed while
/// the result is stored.
[[nodiscard]] KernelDefinition onednnFloatLayer();
/// Layers that read bfloat16, where the CPU multiplies it. The other one multiplies the same numbers as floats.
[[nodiscard]] KernelDefinition onednnBfloat16Layer();

} // namespace lathe::runtime
