#pragma once

#include <core/runtime/kernels/kernel.h>

namespace lathe::runtime {

/// oneDNN's 2-d convolution of floats with the weights packed once, when the plan is made; ATen packs them anew in each call. ReLU of fused
/// operators is part of it. Only offered to plans that choose by time: the last bits may differ from ATen's.
[[nodiscard]] KernelDefinition onednnConvolution();

} // namespace lathe::runtime
