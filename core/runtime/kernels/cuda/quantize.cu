#include <core/runtime/kernels/cuda/quantize.h>

#include <cuda_runtime.h>

namespace {

constexpr int threadsPerBlock = 256;

int blocksFor(std::int64_t count) {
    const std::int64_t blocks = (count + threadsPerBlock - 1) / threadsPerBlock;
    return static_cast<int>(blocks < 65536 ? blocks : 65536);
}

template<class Integer>
__global__ void quantizeKernel(const float* input, Integer* output, std::int64_t count, LatheCudaGrid grid) {
    // The reciprocal as the CPU takes it: in double, then rounded once.
    const float inverse = static_cast<float>(1.0 / static_cast<double>(grid.scale));
    const std::int64_t stride = static_cast<std::int64_t>(gridDim.x) * blockDim.x;
    for (std::int64_t index = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; index < count; index += stride) {
        const float scaled = __fmul_rn(input[index], inverse);
        const float shifted = isnan(scaled) ? static_cast<float>(grid.zeroPoint) : rintf(scaled) + static_cast<float>(grid.zeroPoint);
        output[index] = static_cast<Integer>(fminf(fmaxf(shifted, static_cast<float>(grid.minimum)), static_cast<float>(grid.maximum)));
    }
}

template<class Integer>
__global__ void dequantizeKernel(const Integer* input, float* output, std::int64_t count, LatheCudaGrid grid) {
    const std::int64_t stride = static_cast<std::int64_t>(gridDim.x) * blockDim.x;
    for (std::int64_t index = static_cast<std::int64_t>(blockIdx.x) * blockDim.x + threadIdx.x; index < count; index += stride)
        output[index] = __fmul_rn(static_cast<float>(static_cast<int>(input[index]) - grid.zeroPoint), grid.scale);
}

} // namespace

int launchQuantize(const float* input, void* output, std::int64_t count, LatheCudaGrid grid, void* stream) {
    if (count == 0) return cudaSuccess;
    const auto queue = static_cast<cudaStream_t>(stream);
    if (grid.isSigned)
        quantizeKernel<<<blocksFor(count), threadsPerBlock, 0, queue>>>(input, static_cast<std::int8_t*>(output), count, grid);
    else
        quantizeKernel<<<blocksFor(count), threadsPerBlock, 0, queue>>>(input, static_cast<std::uint8_t*>(output), count, grid);
    return cudaGetLastError();
}

int launchDequantize(const void* input, float* output, std::int64_t count, LatheCudaGrid grid, void* stream) {
    if (count == 0) return cudaSuccess;
    const auto queue = static_cast<cudaStream_t>(stream);
    if (grid.isSigned)
        dequantizeKernel<<<blocksFor(count), threadsPerBlock, 0, queue>>>(static_cast<const std::int8_t*>(input), output, count, grid);
    else
        dequantizeKernel<<<blocksFor(count), threadsPerBlock, 0, queue>>>(static_cast<const std::uint8_t*>(input), output, count, grid);
    return cudaGetLastError();
}
