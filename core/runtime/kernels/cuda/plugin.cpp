#include <core/runtime/kernels/cuda/plugin.h>

#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>

#include <core/runtime/kernels/cuda/quantize.h>

namespace {

void* currentStream(int device) { return c10::cuda::getCurrentCUDAStream(static_cast<c10::DeviceIndex>(device)).stream(); }

int quantize(int device, const float* input, void* output, std::int64_t count, LatheCudaGrid grid) {
    const c10::cuda::CUDAGuard guard(static_cast<c10::DeviceIndex>(device));
    return launchQuantize(input, output, count, grid, currentStream(device));
}

int dequantize(int device, const void* input, float* output, std::int64_t count, LatheCudaGrid grid) {
    const c10::cuda::CUDAGuard guard(static_cast<c10::DeviceIndex>(device));
    return launchDequantize(input, output, count, grid, currentStream(device));
}

constexpr LatheCudaPlugin plugin{latheCudaVersion, quantize, dequantize};

} // namespace

extern "C" __attribute__((visibility("default"))) const LatheCudaPlugin* latheCudaPlugin() { return &plugin; }
