#pragma once

#include <core/runtime/kernels/kernel.h>

namespace lathe::runtime {

/// torchvision::roi_align: of each region (number of its image, two corners) of images [n, channels, height, width] a small image of
/// [channels, pooled height, pooled width], the mean of samples between the pixels.
[[nodiscard]] KernelDefinition roiAlign();

} // namespace lathe::runtime
