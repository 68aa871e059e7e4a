#pragma once

#include <core/runtime/kernels/kernel.h>

namespace lathe::runtime {

/// Lathe's own convolution of bytes where each output channel sees one input channel.
[[nodiscard]] KernelDefinition int8Depthwise();

} // namespace lathe::runtime
