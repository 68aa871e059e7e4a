#pragma once

#include <core/runtime/kernels/kernel.h>

namespace lathe::runtime {

/// torchvision::deform_conv2d: a convolution whose kernel looks at places that are moved by offsets [n, 2 · groups · kernel, height, width]
/// (down, then right) and may count by a mask.
[[nodiscard]] KernelDefinition deformConv2d();

} // namespace lathe::runtime
