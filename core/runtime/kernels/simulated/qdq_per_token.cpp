#include <core/runtime/kernels/simulated/qdq_torch.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <ATen/ops/empty.h>
#include <ATen/ops/where.h>

#include <core/runtime/kernels/bytes/float_bytes.h>
#include <core/runtime/plan_torch.h>

namespace lathe::runtime {

namespace {

constexpr float lowest = -128, highest = 127; ///< of int8

at::Tensor rowsOf(const at::Tensor& perRow, const at::Tensor& input, at::ScalarType type) {
    std::vector<std::int64_t> shape = input.sizes().vec();
    TORCH_CHECK(!shape.empty(), "A number without dimensions has no rows to quantize.");
    shape.back() = 1;
    TORCH_CHECK(perRow.numel() * input.size(-1) == input.numel() || input.numel() == 0, "There are ", perRow.numel(),
                " scales or zero points for an input with rows of ", input.size(-1), " and ", input.numel(), " elements.");
    return perRow.to(type).reshape(shape);
}

} // namespace

TokenGrid chooseTokenGrid(const float* row, std::int64_t count) {
    const auto [low, high, isFinite] = floatRange(row, count, int8Instructions());
    if (!isFinite) return {};
    const float scale = std::max((high - low) / (highest - lowest), std::numeric_limits<float>::epsilon());
    if (!std::isfinite(scale)) return {};
    const float scaledLow = low / scale, scaledHigh = high / scale;
    // Whichever end has the smaller error decides.
    const bool fromLow = (lowest + scaledLow) + (highest + scaledHigh) > 0;
    const float zeroPoint = std::clamp(fromLow ? lowest - scaledLow : highest - scaledHigh, lowest, highest);
    return {scale, static_cast<std::int32_t>(std::nearbyint(zeroPoint))};
}

TokenGrid quantizeToken(const float* row, std::int64_t count, std::uint8_t* out) {
    TokenGrid grid = chooseTokenGrid(row, count);
    grid.zeroPoint += 128;
    quantizeFloats(row, count, 1.0F / grid.scale, grid.zeroPoint, 0, 255, out, int8Instructions());
    return grid;
}

std::pair<at::Tensor, at::Tensor> chooseParametersPerToken(const at::Tensor& input) {
    std::vector<std::int64_t> shape = input.sizes().vec();
    TORCH_CHECK(!shape.empty(), "A number without dimensions has no rows to quantize.");
    const std::int64_t length = std::exchange(shape.back(), 1);
    const at::Tensor plain = input.to(at::kCPU, at::kFloat).contiguous();
    at::Tensor scales = at::empty(shape, at::kDouble), zeroPoints = at::empty(shape, at::kLong);
    auto* scale = scales.mutable_data_ptr<double>();
    auto* zeroPoint = zeroPoints.mutable_data_ptr<std::int64_t>();
    for (std::int64_t row = 0; row < scales.numel(); ++row) {
        const TokenGrid grid = chooseTokenGrid(plain.const_data_ptr<float>() + row * length, length);
        scale[row] = static_cast<double>(grid.scale);
        zeroPoint[row] = grid.zeroPoint;
    }
    return {scales.to(input.device()), zeroPoints.to(input.device())};
}

at::Tensor quantizePerToken(const at::Tensor& input, const at::Tensor& scales, const at::Tensor& zeroPoints, const IntegerRange& range) {
    const at::Tensor shift = rowsOf(zeroPoints, input, at::kDouble);
    const at::Tensor scaled = input.to(at::kDouble).mul(rowsOf(scales, input, at::kDouble).reciprocal()).add_(shift);
    const at::Tensor rounded = at::where(scaled.isnan(), shift, scaled.round()).clamp_(range.minimum, range.maximum);
    return rounded.to(scalarType(range.dtype));
}

at::Tensor dequantizePerToken(const at::Tensor& input, const at::Tensor& scales, const at::Tensor& zeroPoints) {
    return input.to(at::kDouble).sub(rowsOf(zeroPoints, input, at::kDouble)).mul(rowsOf(scales, input, at::kDouble)).to(at::kFloat);
}

} // namespace lathe::runtime
