#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <core/tensor/tensor.h>

namespace lathe::transform {

/// How the channels of a value vary together, summed up batch by batch: nothing of the batches is kept. Not thread-safe.
class SecondMoment {
public:
    /// Adds a batch of float32 values whose channels are along `axis`; every other place counts as one sample. The first batch tells how
    /// many channels there are; what has other ones later is left out.
    void add(const tensor::Tensor& values, std::size_t axis);

    [[nodiscard]] std::int64_t channels() const { return m_channels; } ///< 0 before the first batch
    [[nodiscard]] std::int64_t count() const { return m_count; }       ///< samples so far
    /// Was nothing NaN or infinite so far?
    [[nodiscard]] bool isFinite() const;
    /// Mean of each channel.
    [[nodiscard]] std::vector<double> mean() const;
    /// Of the channels from `first` on, [size, size] by rows: the mean of x·xᵀ, or of (x − mean)·(x − mean)ᵀ. There must be samples.
    [[nodiscard]] std::vector<double> moment(std::int64_t first, std::int64_t size) const;
    [[nodiscard]] std::vector<double> covariance(std::int64_t first, std::int64_t size) const;

private:
    std::int64_t m_channels = 0, m_count = 0;
    std::vector<double> m_sums, m_products; ///< [channels], [channels, channels] (lower half)
};

} // namespace lathe::transform
