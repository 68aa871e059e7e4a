#pragma once

#include <cstdint>
#include <vector>

#include <core/tensor/tensor.h>

namespace lathe::transform {

/// Mean and variance of each channel over everything that was added, in float64.
class ChannelStatistics {
public:
    /// Float32 values with the channels along `axis` (negative: from the end), of as many channels each time.
    void add(const tensor::Tensor& values, int axis);
    /// Elements of each channel so far.
    [[nodiscard]] std::int64_t count() const { return m_count; }
    [[nodiscard]] std::vector<double> means() const;
    /// Unbiased (divided by count − 1), as batch norms store them; 0 of a single element.
    [[nodiscard]] std::vector<double> variances() const;

private:
    std::int64_t m_count = 0;
    std::vector<double> m_shift; ///< the first element of each channel: sums of differences lose no digits where means are large
    std::vector<double> m_sums, m_squares;
};

} // namespace lathe::transform
