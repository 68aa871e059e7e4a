#pragma once

#include <core/runtime/kernels/kernel.h>

namespace lathe::runtime {

/// Float convolutions of images in one group, with kernels larger than 1x1, by Lathe's own loops, in plans that choose by time.
[[nodiscard]] KernelDefinition directLayer();

} // namespace lathe::runtime
