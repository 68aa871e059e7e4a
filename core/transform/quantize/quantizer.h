#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <core/base/result.h>
#include <core/quantization/grid.h>
#include <core/tensor/tensor.h>
#include <core/transform/quantize/weight_error.h>

namespace lathe::transform {

using quantization::Granularity;
using quantization::IntegerRange;
using quantization::Scheme;
using quantization::signedRange;

/// Scale and zero point as kernels have them.
struct QuantizationParameters {
    float scale = 1; ///< > 0
    std::int32_t zeroPoint = 0;
    bool operator==(const QuantizationParameters&) const = default;
};

/// Scale and zero point for real numbers in [minimum, maximum], which is first extended to hold 0: zero is always exact (padding, ReLU). An
/// empty range gets scale 1.
[[nodiscard]] QuantizationParameters chooseParameters(float minimum, float maximum, IntegerRange range, Scheme scheme);

/// Rounds half to even and saturates, as kernels do.
[[nodiscard]] std::int32_t quantize(float value, const QuantizationParameters& parameters, IntegerRange range);
[[nodiscard]] float dequantize(std::int32_t value, const QuantizationParameters& parameters);

/// What the integer range covers.
enum class WeightCalibrator {
    MinMax, ///< from the smallest to the largest weight
    Mse,    ///< the part of it, between 70 and 100 %, that makes the sum of squared errors smallest; the rest is cut off
};

struct WeightFormat {
    int bits = 8;
    Scheme scheme = Scheme::Symmetric;
    Granularity granularity = Granularity::Channel;
    int axis = 0; ///< of the output channels
    WeightCalibrator calibrator = WeightCalibrator::MinMax;
};

struct QuantizedWeight {
    tensor::Tensor values;                          ///< int8, whatever the bits
    std::vector<QuantizationParameters> parameters; ///< one per channel, or one
    quantization::Grid grid;                        ///< its form; one channel counts as one for each
    [[nodiscard]] quantization::GridNumbers numbers() const;
};

/// Quantizes a weight as `format` says. `values` are its elements in row-major order, finite. Scales of channels lie within a
/// factor of 4096 of the largest: a channel that is all zero, or as good as, would otherwise get a scale at which its bias overflows the
/// 32-bit accumulator.
[[nodiscard]] QuantizedWeight quantizeWeight(std::span<const float> values, const tensor::Shape& shape, const WeightFormat& format);
/// What the integers stand for, in row-major order.
[[nodiscard]] std::vector<float> dequantize(const QuantizedWeight& weight);
/// weightError(values, dequantize(weight)) without the copy.
[[nodiscard]] WeightError quantizationError(std::span<const float> values, const QuantizedWeight& weight);

} // namespace lathe::transform
