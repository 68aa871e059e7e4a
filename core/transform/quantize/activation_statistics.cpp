#include <core/transform/quantize/activation_statistics.h>

#include <algorithm>
#include <cmath>

namespace lathe::transform {

void ActivationStatistics::add(std::span<const float> values) {
    constexpr auto half = static_cast<std::int64_t>(bins / 2);
    for (const float value : values) {
        if (!std::isfinite(value)) {
            ++m_nonFinite;
            continue;
        }
        m_minimum = m_count == 0 ? value : std::min(m_minimum, value);
        m_maximum = m_count == 0 ? value : std::max(m_maximum, value);
        ++m_count;
        if (value == 0) {
            ++m_zeros;
            continue;
        }
        if (std::fabs(static_cast<double>(value)) >= m_binWidth * static_cast<double>(half)) grow(std::fabs(value));
        // The width is a power of two: the division is exact.
        const auto bin = static_cast<std::int64_t>(std::floor(static_cast<double>(value) / m_binWidth)) + half;
        ++m_counts[static_cast<std::size_t>(bin)];
    }
}

void ActivationStatistics::grow(float magnitude) {
    int exponent = 0;
    std::frexp(magnitude, &exponent); // magnitude < 2^exponent
    const double width = std::ldexp(1.0, exponent) / static_cast<double>(bins / 2);
    if (m_counts.empty()) {
        m_counts.assign(bins, 0);
        m_binWidth = width;
        return;
    }
    for (; m_binWidth < width; m_binWidth *= 2) {
        std::vector<std::int64_t> merged(bins, 0);
        for (std::size_t i = 0; i < bins; ++i)
            merged[bins / 4 + i / 2] += m_counts[i];
        m_counts = std::move(merged);
    }
}

} // namespace lathe::transform
