#pragma once

#include <core/runtime/kernels/kernel.h>

namespace lathe::runtime {

/// FBGEMM by PyTorch's packed parameters: layers of bytes in and out, with ReLU or nothing behind them, where its sums are exact.
[[nodiscard]] KernelDefinition fbgemmLayer();

} // namespace lathe::runtime
