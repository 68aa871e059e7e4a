#include <core/transform/quantize/weight_error.h>

#include <cassert>
#include <cmath>
#include <limits>

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
    WeightError error;
    for (std::size_t i = 0; i < original.size(); ++i) {
        const double value = original[i], difference = value - static_cast<double>(changed[i]);
        error.signal += value * value;
        error.noise += difference * difference;
    }
    return error;
}

} // namespace lathe::transform
