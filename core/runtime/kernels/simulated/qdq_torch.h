#pragma once

#include <cstdint>
#include <utility>

#include <ATen/core/Tensor.h>

#include <core/quantization/grid.h>

namespace lathe::runtime {

using quantization::IntegerRange;

/// The arithmetic of PyTorch's decomposed quantization library (torch/ao/quantization/fx/_decomposed.py), in float32:
/// clamp(round half to even(x · (1 / scale)) + zero point, minimum, maximum). NaN becomes the zero point.
[[nodiscard]] at::Tensor quantize(const at::Tensor& input, double scale, std::int64_t zeroPoint, const IntegerRange& range);
/// (q − zero point) · scale as float32.
[[nodiscard]] at::Tensor dequantize(const at::Tensor& input, double scale, std::int64_t zeroPoint);
/// `scales` and `zeroPoints` are one-dimensional along `axis` of the input.
[[nodiscard]] at::Tensor quantizePerChannel(const at::Tensor& input, const at::Tensor& scales, const at::Tensor& zeroPoints,
                                            std::int64_t axis, const IntegerRange& range);
[[nodiscard]] at::Tensor dequantizePerChannel(const at::Tensor& input, const at::Tensor& scales, const at::Tensor& zeroPoints,
                                              std::int64_t axis);

/// Scale and zero point that cover the input's values and zero; (1, zero point of zero) for an empty input or one with NaN or infinity.
/// Scale is at least `epsilon`.
/// `scheme`: one for the whole input.
[[nodiscard]] std::pair<double, std::int64_t> chooseParameters(const at::Tensor& input, const IntegerRange& range, double epsilon,
                                                               quantization::Scheme scheme);

struct TokenGrid {
    float scale = 1;
    std::int32_t zeroPoint = 0; ///< in -128 … 127
};
/// The grid of one row of `count` numbers, as XNNPACK and choose_qparams_per_token_asymmetric of the same library choose it; (1, 0) for a
/// row with NaN or infinity.
[[nodiscard]] TokenGrid chooseTokenGrid(const float* row, std::int64_t count);
/// Rounds a row to its own grid, as the unsigned bytes that integer kernels read: that grid, but with the zero point of those, in 0 … 255.
TokenGrid quantizeToken(const float* row, std::int64_t count, std::uint8_t* out);
/// The grids of all rows along the last dimension: scales as float64 and zero points as int64, of the input's shape with 1 at the end.
[[nodiscard]] std::pair<at::Tensor, at::Tensor> chooseParametersPerToken(const at::Tensor& input);
/// `scales` and `zeroPoints` as chooseParametersPerToken gives them. Rounds x · (1 / scale) + zero point half to even.
[[nodiscard]] at::Tensor quantizePerToken(const at::Tensor& input, const at::Tensor& scales, const at::Tensor& zeroPoints,
                                          const IntegerRange& range);
[[nodiscard]] at::Tensor dequantizePerToken(const at::Tensor& input, const at::Tensor& scales, const at::Tensor& zeroPoints);

} // namespace lathe::runtime
