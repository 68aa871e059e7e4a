#pragma once

#include <core/runtime/kernels/cuda/plugin.h>

/// Launchers of quantize.cu; `stream` is a cudaStream_t.
int launchQuantize(const float* input, void* output, std::int64_t count, LatheCudaGrid grid, void* stream);
int launchDequantize(const void* input, float* output, std::int64_t count, LatheCudaGrid grid, void* stream);
