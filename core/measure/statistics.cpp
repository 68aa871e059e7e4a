#include <core/measure/statistics.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>
#include <vector>

namespace lathe::measure {
namespace {

std::size_t runLength(std::size_t samples) {
    return std::max(samples / 64, static_cast<std::size_t>(std::lround(std::cbrt(static_cast<double>(samples)))));
}

/// Fills `resample` with runs of `samples` that begin anywhere.
void drawRuns(std::span<const double> samples, Random& random, std::span<double> resample) {
    const std::size_t length = runLength(samples.size());
    for (std::size_t filled = 0; filled < resample.size();) {
        const std::size_t begin = random.below(samples.size() - length + 1);
        const std::size_t count = std::min(length, resample.size() - filled);
        std::copy_n(samples.begin() + static_cast<std::ptrdiff_t>(begin), count, resample.begin() + static_cast<std::ptrdiff_t>(filled));
        filled += count;
    }
}

} // namespace

std::uint64_t Random::below(std::uint64_t bound) {
    assert(bound > 0);
    // The lowest 2^64 mod bound values are drawn again: without them all remainders are equally frequent.
    const std::uint64_t surplus = (0 - bound) % bound;
    std::uint64_t value = m_engine();
    while (value < surplus)
        value = m_engine();
    return value % bound;
}

double percentile(std::span<const double> sorted, double fraction) {
    assert(!sorted.empty() && fraction >= 0 && fraction <= 1);
    const double position = fraction * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(position);
    const std::size_t above = std::min(below + 1, sorted.size() - 1);
    return sorted[below] + (position - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

double medianInPlace(std::span<double> values) {
    assert(!values.empty());
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    if (values.size() % 2 == 1) return *middle;
    return (*std::max_element(values.begin(), middle) + *middle) / 2;
}

double mean(std::span<const double> values) {
    if (values.empty()) return 0;
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double standardDeviation(std::span<const double> values) {
    if (values.size() < 2) return 0;
    const double centre = mean(values);
    double squares = 0;
    for (const double value : values)
        squares += (value - centre) * (value - centre);
    return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

Interval bootstrapRatioOfMedians(std::span<const double> a, std::span<const double> b, std::uint64_t seed) {
    assert(!a.empty() && !b.empty());
    // 1000 resamples are usual for percentile intervals; with very many samples the interval is narrow, and 200 place it well enough.
    constexpr std::size_t workLimit = 40'000'000;
    const std::size_t resamples = std::clamp<std::size_t>(workLimit / (a.size() + b.size()), 200, 1000);
    Random random(seed);
    std::vector<double> drawnA(a.size()), drawnB(b.size()), ratios(resamples);
    for (double& ratio : ratios) {
        drawRuns(a, random, drawnA);
        drawRuns(b, random, drawnB);
        ratio = medianInPlace(drawnA) / medianInPlace(drawnB);
    }
    std::sort(ratios.begin(), ratios.end());
    return {percentile(ratios, 0.025), percentile(ratios, 0.975)};
}

} // namespace lathe::measure
