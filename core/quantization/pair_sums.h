#pragma once

#include <cstdint>

#include <core/tensor/tensor.h>

namespace lathe::quantization {

/// On CPUs without VNNI integer kernels (FBGEMM's, oneDNN's, those of ONNX Runtime) multiply unsigned by signed bytes with vpmaddubsw,
/// which adds two products in 16 bits and saturates. Could it, with activations up to the one and weights up to the other (without their
/// sign)?
[[nodiscard]] constexpr bool pairSumsSaturate(std::int64_t highestActivation, std::int64_t largestWeight) {
    return 2 * highestActivation * largestWeight > 32767;
}

/// The largest of int8 integers, without its sign; 0 for none.
[[nodiscard]] std::int64_t largestMagnitude(const tensor::Tensor& integers);

/// Weights of so many bits are safe with whatever bytes.
inline constexpr int safeWeightBits = 7;

} // namespace lathe::quantization
