#pragma once

#include <core/base/result.h>
#include <core/runtime/kernels/cuda/plugin.h>

namespace lathe::runtime {

/// Loads liblathe_cuda.so, and with it PyTorch's CUDA back end, from beside the program or ../lib; once, thread-safe. DeviceUnavailable
/// with a sentence when it is not there or does not load.
[[nodiscard]] base::Result<> loadCudaPlugin();

/// The plug-in when it has been loaded, otherwise nullptr.
[[nodiscard]] const LatheCudaPlugin* cudaPlugin();

} // namespace lathe::runtime
