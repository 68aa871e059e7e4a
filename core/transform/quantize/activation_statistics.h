#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace lathe::transform {

/// What calibration knows of one activation value: exact minimum and maximum and a histogram whose range grows by doubling, so that one
/// pass over the data is enough. Bins are aligned at zero and merge exactly when the range grows: the result does not depend on the order
/// of the samples.
class ActivationStatistics {
public:
    static constexpr std::size_t bins = 8192; ///< a one-sided value (after ReLU) still has 2048 to 4096 of them

    void add(std::span<const float> values);

    [[nodiscard]] std::int64_t count() const { return m_count; }         ///< finite values seen
    [[nodiscard]] std::int64_t nonFinite() const { return m_nonFinite; } ///< NaN and infinities: counted, otherwise ignored
    [[nodiscard]] std::int64_t zeros() const { return m_zeros; } ///< exact zeros, not in the histogram: every quantizer keeps them exact
    [[nodiscard]] float minimum() const { return m_minimum; }    ///< 0 before the first value
    [[nodiscard]] float maximum() const { return m_maximum; }

    [[nodiscard]] double binWidth() const { return m_binWidth; }
    /// counts()[i] values lie in [(i − bins/2) · binWidth, (i + 1 − bins/2) · binWidth); empty before the first value that is not zero.
    [[nodiscard]] const std::vector<std::int64_t>& counts() const { return m_counts; }

private:
    void grow(float magnitude);

    std::int64_t m_count = 0, m_nonFinite = 0, m_zeros = 0;
    float m_minimum = 0, m_maximum = 0;
    double m_binWidth = 0;
    std::vector<std::int64_t> m_counts;
};

} // namespace lathe::transform
