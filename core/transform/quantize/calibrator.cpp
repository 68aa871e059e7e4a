#include <core/transform/quantize/calibrator.h>

#include <algorithm>
#include <cmath>

namespace lathe::transform {

namespace {

class ErrorModel {
public:
    ErrorModel(const ActivationStatistics& statistics, int levels) : m_levels(levels) {
        const auto& counts = statistics.counts();
        for (std::size_t i = 0; i < counts.size(); ++i) {
            if (counts[i] == 0) continue;
            const double center =
                (static_cast<double>(i) + 0.5 - static_cast<double>(ActivationStatistics::bins / 2)) * statistics.binWidth();
            m_points.push_back({center, static_cast<double>(counts[i])});
        }
    }

    [[nodiscard]] double operator()(double low, double high) const {
        const double scale = (high - low) / m_levels;
        double error = 0;
        for (const auto& [value, count] : m_points) {
            const double clipped = value < low ? low - value : std::max(value - high, 0.0);
            error += count * (clipped > 0 ? clipped * clipped : scale * scale / 12);
        }
        return error;
    }

private:
    struct Point {
        double value, count;
    };
    std::vector<Point> m_points; ///< bins that hold something
    int m_levels;
};

constexpr int gridSteps = 128;

/// The end of a range (its low or its high one), moved towards zero in steps, that makes `error` smallest.
template<class Error>
double bestEnd(double observed, const Error& error) {
    double best = observed, leastError = error(observed);
    for (int step = gridSteps - 1; step > 0; --step) {
        const double candidate = observed * step / gridSteps;
        if (const double candidateError = error(candidate); candidateError < leastError) {
            leastError = candidateError;
            best = candidate;
        }
    }
    return best;
}

} // namespace

ActivationRange calibrate(const ActivationStatistics& statistics, Calibrator calibrator, Scheme scheme, int levels) {
    double low = std::min(statistics.minimum(), 0.0F), high = std::max(statistics.maximum(), 0.0F);
    if (calibrator == Calibrator::Histogram) {
        const ErrorModel error(statistics, levels);
        if (scheme == Scheme::Symmetric) {
            const double bound = bestEnd(std::max(-low, high), [&](double end) { return error(-end, end); });
            low = std::max(low, -bound);
            high = std::min(high, bound);
        } else {
            // One end at a time; the second round lets each follow the other.
            for (int round = 0; round < 2; ++round) {
                if (high > 0)
                    high =
                        bestEnd(round == 0 ? high : static_cast<double>(statistics.maximum()), [&](double end) { return error(low, end); });
                if (low < 0)
                    low =
                        bestEnd(round == 0 ? low : static_cast<double>(statistics.minimum()), [&](double end) { return error(end, high); });
            }
        }
    }
    return {static_cast<float>(low), static_cast<float>(high)};
}

} // namespace lathe::transform
