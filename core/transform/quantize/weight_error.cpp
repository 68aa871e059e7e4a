#include <core/transform/quantize/weight_error.h>

#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>

namespace lathe::transform {

double WeightError::sqnrDb() const {
    if (noise == 0) return std::numeric_limits<double>::infinity();
    return 10 * std::log10(signal / noise);
}

void WeightError::writeTo(std::map<std::string, double>& figures) const {
    figures["loss"] = loss();
    figures["signal"] = signal / 2;
    figures["sqnr_db"] = sqnrDb();
}

WeightError weightError(std::span<const float> original, std::span<const float> changed) {
    assert(original.size() == changed.size());
    constexpr std::size_t lanes = 8; // sums side by side: one sum would wait for itself at each element
    double signal[lanes] = {}, noise[lanes] = {};
    const float *from = original.data(), *to = changed.data();
    const std::size_t whole = original.size() - original.size() % lanes;
    for (std::size_t i = 0; i < whole; i += lanes) {
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            const double value = from[i + lane], difference = value - static_cast<double>(to[i + lane]);
            signal[lane] += value * value;
            noise[lane] += difference * difference;
        }
    }
    for (std::size_t i = whole; i < original.size(); ++i) {
        const double value = from[i], difference = value - static_cast<double>(to[i]);
        signal[0] += value * value;
        noise[0] += difference * difference;
    }
    return {std::accumulate(signal, signal + lanes, 0.0), std::accumulate(noise, noise + lanes, 0.0)};
}

} // namespace lathe::transform
