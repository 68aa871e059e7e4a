#pragma once

#include <core/runtime/kernels/kernel.h>

namespace lathe::runtime {

/// The mean of each channel of quint8 images, on a grid of its own.
[[nodiscard]] KernelDefinition meanBytes();

} // namespace lathe::runtime
