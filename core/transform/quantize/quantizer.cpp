#include <core/transform/quantize/quantizer.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace lathe::transform {

namespace {

/// Which channel an element of a row-major tensor belongs to.
struct ChannelIndex {
    std::size_t channels = 1, inner = 1;

    ChannelIndex(const tensor::Shape& shape, Granularity granularity, int axis) {
        if (granularity == Granularity::Tensor || shape.empty()) {
            inner = std::numeric_limits<std::size_t>::max();
            return;
        }
        const auto at = shape.begin() + axis;
        channels = static_cast<std::size_t>(*at);
        inner = std::max<std::size_t>(static_cast<std::size_t>(tensor::elementCount({at + 1, shape.end()})), 1);
    }
    std::size_t operator()(std::size_t element) const { return element / inner % channels; }
};

/// The nearest integer, halves to the even one. The same as std::nearbyint up to 2^51, beyond which doubles have no fractions that count
/// here; that one is a call into libm for each weight.
inline double roundHalfToEven(double value) {
    constexpr double integersOnly = 6755399441055744.0; // 1.5 · 2^52: the sum has no bits for a fraction
    return (value + integersOnly) - integersOnly;
}

} // namespace

QuantizationParameters chooseParameters(float minimum, float maximum, IntegerRange range, Scheme scheme) {
    const double low = std::min(minimum, 0.0F), high = std::max(maximum, 0.0F);
    const auto usable = [](double scale) { return std::max(static_cast<float>(scale), std::numeric_limits<float>::min()); };
    const std::int64_t middle = range.minimum + (range.steps() + 1) / 2;
    const auto at = [](std::int64_t zeroPoint) { return static_cast<std::int32_t>(zeroPoint); };
    if (low == high) return {1, at(scheme == Scheme::Symmetric ? middle : range.minimum)};
    if (scheme == Scheme::Symmetric) {
        // Of an even number of integers the lowest one stays unused.
        return {usable(std::max(-low, high) / static_cast<double>(range.maximum - middle)), at(middle)};
    }
    const float scale = usable((high - low) / static_cast<double>(range.steps()));
    const double zeroPoint = std::nearbyint(static_cast<double>(range.minimum) - low / static_cast<double>(scale));
    return {scale, at(std::clamp(static_cast<std::int64_t>(zeroPoint), range.minimum, range.maximum))};
}

std::int32_t quantize(float value, const QuantizationParameters& parameters, IntegerRange range) {
    assert(!std::isnan(value));
    const double rounded = roundHalfToEven(static_cast<double>(value) / static_cast<double>(parameters.scale)) + parameters.zeroPoint;
    return static_cast<std::int32_t>(std::clamp(rounded, static_cast<double>(range.minimum), static_cast<double>(range.maximum)));
}

float dequantize(std::int32_t value, const QuantizationParameters& parameters) {
    return static_cast<float>(value - parameters.zeroPoint) * parameters.scale;
}

namespace {

double squaredError(std::span<const float> values, const QuantizationParameters& parameters, IntegerRange range) {
    // In steps, limited before rounding, which is the same for integer limits: a few instructions for each weight.
    const auto inSteps = [&](std::int64_t integer) { return static_cast<double>(integer - parameters.zeroPoint); };
    const double scale = parameters.scale, low = inSteps(range.minimum), high = inSteps(range.maximum);
    double sum = 0;
    for (const float value : values) {
        const double steps = static_cast<double>(value) / scale;
        const double error = roundHalfToEven(std::min(std::max(steps, low), high)) - steps;
        sum += error * error;
    }
    return sum * scale * scale;
}

/// Of 31 parts of [low, high] the one with the smallest error; the whole of it when several are as good. The error is nearly convex in the
/// part, and steps of 1 % are finer than what a weight's distribution distinguishes.
QuantizationParameters chooseByError(std::span<const float> values, float low, float high, IntegerRange range, Scheme scheme) {
    constexpr int percentSteps = 30;
    QuantizationParameters best = chooseParameters(low, high, range, scheme);
    double smallest = squaredError(values, best, range);
    for (int percent = 1; percent <= percentSteps && smallest > 0; ++percent) {
        const float part = 1.0F - static_cast<float>(percent) / 100.0F;
        const QuantizationParameters candidate = chooseParameters(low * part, high * part, range, scheme);
        const double error = squaredError(values, candidate, range);
        if (error >= smallest) continue;
        smallest = error;
        best = candidate;
    }
    return best;
}

/// The elements of each channel, in order.
std::vector<std::vector<float>> byChannel(std::span<const float> values, const ChannelIndex& channelOf) {
    std::vector<std::vector<float>> channels(channelOf.channels);
    for (std::size_t i = 0; i < values.size(); ++i)
        channels[channelOf(i)].push_back(values[i]);
    return channels;
}

} // namespace

QuantizedWeight quantizeWeight(std::span<const float> values, const tensor::Shape& shape, const WeightFormat& format) {
    const ChannelIndex channelOf(shape, format.granularity, format.axis);
    QuantizedWeight result;
    const IntegerRange range = signedRange(format.bits, format.scheme);
    result.grid.range = range;
    result.grid.scheme = format.scheme;
    result.grid.granularity = format.granularity;
    result.grid.axis = format.axis;

    std::vector<float> lows(channelOf.channels, 0), highs(channelOf.channels, 0);
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::size_t channel = channelOf(i);
        lows[channel] = std::min(lows[channel], values[i]);
        highs[channel] = std::max(highs[channel], values[i]);
    }
    float widest = 0;
    for (std::size_t channel = 0; channel < channelOf.channels; ++channel)
        widest = std::max({widest, -lows[channel], highs[channel]});
    const bool byError = format.calibrator == WeightCalibrator::Mse;
    const auto channels = byError ? byChannel(values, channelOf) : std::vector<std::vector<float>>{};
    constexpr float largestRatio = 4096;
    const float floor = widest / largestRatio;
    for (std::size_t channel = 0; channel < channelOf.channels; ++channel) {
        const float low = lows[channel], high = highs[channel];
        if (std::max(-low, high) < floor)
            result.parameters.push_back(chooseParameters(-floor, floor, range, format.scheme));
        else if (byError)
            result.parameters.push_back(chooseByError(channels[channel], low, high, range, format.scheme));
        else
            result.parameters.push_back(chooseParameters(low, high, range, format.scheme));
    }

    std::vector<std::int8_t> integers(values.size());
    for (std::size_t i = 0; i < values.size(); ++i)
        integers[i] = static_cast<std::int8_t>(quantize(values[i], result.parameters[channelOf(i)], range));
    result.values = tensor::Tensor::of(shape, integers);
    return result;
}

quantization::GridNumbers QuantizedWeight::numbers() const {
    quantization::GridNumbers numbers;
    for (const QuantizationParameters& each : parameters) {
        numbers.scales.push_back(each.scale);
        numbers.zeroPoints.push_back(each.zeroPoint);
    }
    return numbers;
}

std::vector<float> dequantize(const QuantizedWeight& weight) {
    const bool isPerTensor = weight.parameters.size() == 1;
    const ChannelIndex channelOf(weight.values.shape(), isPerTensor ? Granularity::Tensor : Granularity::Channel, weight.grid.axis);
    const auto integers = weight.values.values<std::int8_t>();
    std::vector<float> values(integers.size());
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = dequantize(integers[i], weight.parameters[channelOf(i)]);
    return values;
}

} // namespace lathe::transform
