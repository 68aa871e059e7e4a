#pragma once

#include <cstdint>
#include <span>

#include <core/quantization/shared_weight.h>

namespace lathe::transform {

/// How the numbers of a weight are shared.
struct SharedFormat {
    int bits = 4;          ///< of an index: 2^bits numbers in a codebook, 2 to 8
    std::int64_t rows = 0; ///< of the weight's first dimension that share a codebook, at most; 0: all
};

/// Codebooks by k-means (k_means.h). Weights that are exactly zero stay so: where there are any, zero is the first number of the codebook
/// and the others are those of the rest. Each codebook is for as many rows as divide the first dimension evenly. `values` are finite, in
/// row-major order; the codebooks have `dtype`.
[[nodiscard]] quantization::SharedWeight shareWeight(std::span<const float> values, const tensor::Shape& shape, const SharedFormat& format,
                                                     tensor::DType dtype = tensor::DType::Float32);

} // namespace lathe::transform
