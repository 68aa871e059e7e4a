#pragma once

#include <core/runtime/kernels/kernel.h>

namespace lathe::runtime {

/// Lathe's own convolution of bytes: exact on every CPU, any form that Int8Layer describes.
[[nodiscard]] KernelDefinition int8Convolution();

} // namespace lathe::runtime
