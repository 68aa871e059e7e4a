#include <core/formats/quantized_grid.h>

#include <algorithm>
#include <cmath>

namespace lathe::formats {

using tensor::DType;

quantization::TensorGrid wholeGrid(DType dtype) {
    const quantization::IntegerRange range = quantization::wholeRange(dtype);
    return {1, 0, range.minimum, range.maximum, range.dtype};
}

std::optional<quantization::TensorGrid> gridOfScalarType(std::int64_t number) {
    switch (number) {
    case 12:
        return wholeGrid(DType::Int8);
    case 13:
        return wholeGrid(DType::UInt8);
    case 14:
        return wholeGrid(DType::Int32);
    default:
        return std::nullopt;
    }
}

std::optional<quantization::TensorGrid> clamped(const quantization::TensorGrid& grid, double low, double high) {
    if (!(low <= high)) return std::nullopt;
    const auto step = [&](double number) {
        const double wanted = std::nearbyint(number / grid.scale) + static_cast<double>(grid.zeroPoint);
        return static_cast<std::int64_t>(std::clamp(wanted, static_cast<double>(grid.minimum), static_cast<double>(grid.maximum)));
    };
    quantization::TensorGrid narrowed = grid;
    narrowed.minimum = step(low);
    narrowed.maximum = step(high);
    const bool holdsZero = narrowed.minimum <= grid.zeroPoint && grid.zeroPoint <= narrowed.maximum;
    return holdsZero ? std::optional(narrowed) : std::nullopt;
}

ScalarResult plusScalar(const quantization::TensorGrid& grid, double number) {
    const auto low = static_cast<double>(grid.minimum), high = static_cast<double>(grid.maximum);
    const double steps = std::nearbyint(number / grid.scale), moved = static_cast<double>(grid.zeroPoint) - steps;
    ScalarResult result{grid, steps * grid.scale};
    if (moved < low) result.grid.scale *= (high - moved) / (high - low);
    if (moved > high) result.grid.scale *= (moved - low) / (high - low);
    result.grid.zeroPoint = static_cast<std::int64_t>(std::clamp(moved, low, high));
    return result;
}

ScalarResult timesScalar(const quantization::TensorGrid& grid, double number) {
    ScalarResult result{grid, number};
    if (number == 0) {
        result.grid.scale = 1;
        result.grid.zeroPoint = 0;
        return result;
    }
    result.grid.scale *= std::abs(number);
    if (number < 0) result.grid.zeroPoint = grid.maximum + grid.minimum - grid.zeroPoint;
    return result;
}

} // namespace lathe::formats
