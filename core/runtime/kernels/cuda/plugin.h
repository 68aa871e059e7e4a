#pragma once

#include <cstdint>

/// The border between Lathe and its CUDA plug-in (liblathe_cuda.so): plain C, so that the plug-in can be loaded with dlopen where a GPU is
/// and left out everywhere else. All pointers are device pointers on `device`; kernels are put on PyTorch's current stream and return at
/// once. Functions return 0, or a CUDA error code.
extern "C" {

struct LatheCudaGrid {
    float scale;
    std::int32_t zeroPoint, minimum, maximum;
    std::int32_t isSigned; ///< integers are int8, otherwise uint8
};

struct LatheCudaPlugin {
    std::int32_t version; ///< latheCudaVersion of the plug-in
    /// Float → 8-bit integers: one kernel instead of the seven of separate operators.
    int (*quantize)(int device, const float* input, void* output, std::int64_t count, LatheCudaGrid grid);
    /// 8-bit integers → float.
    int (*dequantize)(int device, const void* input, float* output, std::int64_t count, LatheCudaGrid grid);
};

/// The plug-in's only symbol.
const LatheCudaPlugin* latheCudaPlugin();
}

inline constexpr std::int32_t latheCudaVersion = 1;
