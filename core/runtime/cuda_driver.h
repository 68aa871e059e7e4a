#pragma once

#include <vector>

#include <core/runtime/device.h>

namespace lathe::runtime {

/// The GPUs that the NVIDIA driver of this machine offers; DeviceUnavailable with a sentence when there is no driver or no GPU. Asks the
/// driver directly (libcuda.so.1), so that a list of devices costs no loading of CUDA libraries.
[[nodiscard]] base::Result<std::vector<DeviceInfo>> cudaDevices();

} // namespace lathe::runtime
