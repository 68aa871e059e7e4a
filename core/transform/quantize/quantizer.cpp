#include <core/transform/quantize/quantizer.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <limits>
#include <utility>

namespace lathe::transform {

namespace {

/// How the elements of a row-major tensor lie by channel: runs of `inner` elements, one for each channel in turn, again and again.
struct ChannelRuns {
    std::size_t channels = 1, inner = 1;

    /// `count` elements in all.
    ChannelRuns(const tensor::Shape& shape, std::size_t count, Granularity granularity, int axis) : inner(std::max<std::size_t>(count, 1)) {
        if (granularity == Granularity::Tensor || shape.empty()) return;
        const auto at = shape.begin() + axis;
        channels = static_cast<std::size_t>(*at);
        inner = std::max<std::size_t>(static_cast<std::size_t>(tensor::elementCount({at + 1, shape.end()})), 1);
    }
    /// Calls visit(channel, first element, elements) for each run: loops over elements of one channel are what compilers make vectors of.
    template<class Visit>
    void forEach(std::size_t count, const Visit& visit) const {
        for (std::size_t at = 0, channel = 0; at < count; at += inner, channel = channel + 1 == channels ? 0 : channel + 1)
            visit(channel, at, std::min(inner, count - at));
    }
};

/// The nearest integer, halves to the even one. The same as std::nearbyint up to 2^51, beyond which doubles have no fractions that count
/// here; that one is a call into libm for each weight.
inline double roundHalfToEven(double value) {
    constexpr double integersOnly = 6755399441055744.0; // 1.5 · 2^52: the sum has no bits for a fraction
    return (value + integersOnly) - integersOnly;
}

/// What both the numbers and the loops below compute; inlined, which exported functions are not.
inline std::int32_t rounded(double value, double scale, double zeroPoint, double low, double high) {
    return static_cast<std::int32_t>(std::min(std::max(roundHalfToEven(value / scale) + zeroPoint, low), high));
}
inline float restored(std::int32_t integer, std::int32_t zeroPoint, float scale) { return static_cast<float>(integer - zeroPoint) * scale; }

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
    return rounded(static_cast<double>(value), static_cast<double>(parameters.scale), parameters.zeroPoint,
                   static_cast<double>(range.minimum), static_cast<double>(range.maximum));
}

float dequantize(std::int32_t value, const QuantizationParameters& parameters) {
    return restored(value, parameters.zeroPoint, parameters.scale);
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
std::vector<std::vector<float>> byChannel(std::span<const float> values, const ChannelRuns& runs) {
    std::vector<std::vector<float>> channels(runs.channels);
    runs.forEach(values.size(), [&](std::size_t channel, std::size_t first, std::size_t count) {
        const auto run = values.subspan(first, count);
        channels[channel].insert(channels[channel].end(), run.begin(), run.end());
    });
    return channels;
}

/// The lowest of `low` and the values, the highest of `high` and the values.
std::pair<float, float> extremes(std::span<const float> values, float low, float high) {
    constexpr std::size_t lanes = 8; // side by side: one minimum would wait for itself at each element
    float lows[lanes], highs[lanes];
    std::fill_n(lows, lanes, low);
    std::fill_n(highs, lanes, high);
    const float* from = values.data();
    const std::size_t whole = values.size() - values.size() % lanes;
    for (std::size_t i = 0; i < whole; i += lanes) {
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            lows[lane] = from[i + lane] < lows[lane] ? from[i + lane] : lows[lane];
            highs[lane] = from[i + lane] > highs[lane] ? from[i + lane] : highs[lane];
        }
    }
    for (std::size_t i = whole; i < values.size(); ++i) {
        lows[0] = std::min(lows[0], from[i]);
        highs[0] = std::max(highs[0], from[i]);
    }
    return {*std::min_element(lows, lows + lanes), *std::max_element(highs, highs + lanes)};
}

/// What `quantize` gives for each value.
void quantizeRun(std::span<const float> values, std::int8_t* __restrict integers, const QuantizationParameters& parameters,
                 IntegerRange range) {
    const double scale = parameters.scale, low = static_cast<double>(range.minimum), high = static_cast<double>(range.maximum),
                 zeroPoint = parameters.zeroPoint;
    for (std::size_t i = 0; i < values.size(); ++i)
        integers[i] = static_cast<std::int8_t>(rounded(static_cast<double>(values[i]), scale, zeroPoint, low, high));
}

} // namespace

QuantizedWeight quantizeWeight(std::span<const float> values, const tensor::Shape& shape, const WeightFormat& format) {
    const ChannelRuns runs(shape, values.size(), format.granularity, format.axis);
    QuantizedWeight result;
    const IntegerRange range = signedRange(format.bits, format.scheme);
    result.grid.range = range;
    result.grid.scheme = format.scheme;
    result.grid.granularity = format.granularity;
    result.grid.axis = format.axis;

    std::vector<float> lows(runs.channels, 0), highs(runs.channels, 0);
    runs.forEach(values.size(), [&](std::size_t channel, std::size_t first, std::size_t count) {
        const auto [low, high] = extremes(values.subspan(first, count), lows[channel], highs[channel]);
        lows[channel] = low;
        highs[channel] = high;
    });
    float widest = 0;
    for (std::size_t channel = 0; channel < runs.channels; ++channel)
        widest = std::max({widest, -lows[channel], highs[channel]});
    const bool byError = format.calibrator == WeightCalibrator::Mse;
    const auto channels = byError ? byChannel(values, runs) : std::vector<std::vector<float>>{};
    constexpr float largestRatio = 4096;
    const float floor = widest / largestRatio;
    for (std::size_t channel = 0; channel < runs.channels; ++channel) {
        const float low = lows[channel], high = highs[channel];
        if (std::max(-low, high) < floor)
            result.parameters.push_back(chooseParameters(-floor, floor, range, format.scheme));
        else if (byError)
            result.parameters.push_back(chooseByError(channels[channel], low, high, range, format.scheme));
        else
            result.parameters.push_back(chooseParameters(low, high, range, format.scheme));
    }

    std::vector<std::int8_t> integers(values.size());
    runs.forEach(values.size(), [&](std::size_t channel, std::size_t first, std::size_t count) {
        quantizeRun(values.subspan(first, count), integers.data() + first, result.parameters[channel], range);
    });
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

namespace {

/// What `dequantize` gives for each. Bytes may alias anything, and loops over them stay slow where nobody says that these do not.
void dequantizeRun(const std::int8_t* __restrict integers, float* __restrict values, std::size_t count,
                   const QuantizationParameters& parameters) {
    const float scale = parameters.scale;
    const std::int32_t zeroPoint = parameters.zeroPoint;
    for (std::size_t i = 0; i < count; ++i)
        values[i] = restored(integers[i], zeroPoint, scale);
}

/// Calls visit(parameters, first element, elements) for each run of a channel.
template<class Visit>
void forEachRun(const QuantizedWeight& weight, const Visit& visit) {
    const auto count = static_cast<std::size_t>(weight.values.elementCount());
    const Granularity granularity = weight.parameters.size() == 1 ? Granularity::Tensor : Granularity::Channel;
    ChannelRuns(weight.values.shape(), count, granularity, weight.grid.axis)
        .forEach(count, [&](std::size_t channel, std::size_t first, std::size_t run) { visit(weight.parameters[channel], first, run); });
}

} // namespace

std::vector<float> dequantize(const QuantizedWeight& weight) {
    const auto integers = weight.values.values<std::int8_t>();
    std::vector<float> values(integers.size());
    forEachRun(weight, [&](const QuantizationParameters& parameters, std::size_t first, std::size_t count) {
        dequantizeRun(integers.data() + first, values.data() + first, count, parameters);
    });
    return values;
}

WeightError quantizationError(std::span<const float> values, const QuantizedWeight& weight) {
    const auto integers = weight.values.values<std::int8_t>();
    assert(values.size() == integers.size());
    WeightError error;
    std::array<float, 1024> part{}; // stays in the nearest cache
    forEachRun(weight, [&](const QuantizationParameters& parameters, std::size_t first, std::size_t count) {
        for (std::size_t at = first, end = first + count; at < end;) {
            const std::size_t size = std::min(part.size(), end - at);
            dequantizeRun(integers.data() + at, part.data(), size, parameters);
            const WeightError more = weightError(values.subspan(at, size), std::span(part).first(size));
            error.signal += more.signal;
            error.noise += more.noise;
            at += size;
        }
    });
    return error;
}

} // namespace lathe::transform
