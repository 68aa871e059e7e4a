#pragma once

#include <core/runtime/kernels/kernel.h>

namespace lathe::runtime {

/// 2-d max pooling of quint8 images, channels-last.
[[nodiscard]] KernelDefinition maxPoolBytes();

} // namespace lathe::runtime
