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

} // namespace

IntegerRange signedRange(int bits, Scheme scheme) {
    assert(bits >= 2 && bits <= 8);
    const std::int32_t half = 1 << (bits - 1);
    return {scheme == Scheme::Symmetric ? 1 - half : -half, half - 1};
}

QuantizationParameters chooseParameters(float minimum, float maximum, IntegerRange range, Scheme scheme) {
    const double low = std::min(minimum, 0.0F), high = std::max(maximum, 0.0F);
    const auto usable = [](double scale) { return std::max(static_cast<float>(scale), std::numeric_limits<float>::min()); };
    const std::int32_t middle = range.low + (range.high - range.low + 1) / 2;
    if (low == high) return {1, scheme == Scheme::Symmetric ? middle : range.low};
    if (scheme == Scheme::Symmetric) {
        // Of an even number of integers the lowest one stays unused.
        return {usable(std::max(-low, high) / (range.high - middle)), middle};
    }
    const float scale = usable((high - low) / (range.high - range.low));
    const auto zeroPoint = static_cast<std::int32_t>(std::nearbyint(range.low - low / static_cast<double>(scale)));
    return {scale, std::clamp(zeroPoint, range.low, range.high)};
}

std::int32_t quantize(float value, const QuantizationParameters& parameters, IntegerRange range) {
    assert(!std::isnan(value));
    const double rounded = std::nearbyint(static_cast<double>(value) / static_cast<double>(parameters.scale)) + parameters.zeroPoint;
    return static_cast<std::int32_t>(std::clamp<double>(rounded, range.low, range.high));
}

float dequantize(std::int32_t value, const QuantizationParameters& parameters) {
    return static_cast<float>(value - parameters.zeroPoint) * parameters.scale;
}

QuantizedWeight quantizeWeight(std::span<const float> values, const tensor::Shape& shape, const WeightFormat& format) {
    const ChannelIndex channelOf(shape, format.granularity, format.axis);
    QuantizedWeight result;
    result.range = signedRange(format.bits, format.scheme);
    result.axis = format.axis;

    std::vector<float> lows(channelOf.channels, 0), highs(channelOf.channels, 0);
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::size_t channel = channelOf(i);
        lows[channel] = std::min(lows[channel], values[i]);
        highs[channel] = std::max(highs[channel], values[i]);
    }
    float widest = 0;
    for (std::size_t channel = 0; channel < channelOf.channels; ++channel)
        widest = std::max({widest, -lows[channel], highs[channel]});
    constexpr float largestRatio = 4096;
    for (std::size_t channel = 0; channel < channelOf.channels; ++channel) {
        const float floor = widest / largestRatio;
        const bool isTiny = std::max(-lows[channel], highs[channel]) < floor;
        result.parameters.push_back(isTiny ? chooseParameters(-floor, floor, result.range, format.scheme)
                                           : chooseParameters(lows[channel], highs[channel], result.range, format.scheme));
    }

    std::vector<std::int8_t> integers(values.size());
    for (std::size_t i = 0; i < values.size(); ++i)
        integers[i] = static_cast<std::int8_t>(quantize(values[i], result.parameters[channelOf(i)], result.range));
    result.values = tensor::Tensor::of(shape, integers);
    return result;
}

std::vector<float> dequantize(const QuantizedWeight& weight) {
    const bool isPerTensor = weight.parameters.size() == 1;
    const ChannelIndex channelOf(weight.values.shape(), isPerTensor ? Granularity::Tensor : Granularity::Channel, weight.axis);
    const auto integers = weight.values.values<std::int8_t>();
    std::vector<float> values(integers.size());
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = dequantize(integers[i], weight.parameters[channelOf(i)]);
    return values;
}

} // namespace lathe::transform
