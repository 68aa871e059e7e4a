#pragma once

#include <vector>

#include <core/tensor/tensor.h>
#include <core/transform/prune/channel_map.h>

namespace lathe::transform {

/// What the samples showed of one value whose channels belong to a dependency group: sums over everything that was added, for each index of
/// the dimension that the channels are along.
class GroupActivity {
public:
    /// Which channel of the group each index is of, and the dimension that they are along.
    GroupActivity(int axis, ChannelMap channels);
    /// Float32 values; NaN counts as not zero. Values of another size along the dimension are passed over.
    void add(const tensor::Tensor& values);

    [[nodiscard]] const ChannelMap& channels() const { return m_channels; }
    /// Elements of each index so far.
    [[nodiscard]] std::int64_t count() const { return m_count; }
    /// How many of them were not zero, by index.
    [[nodiscard]] const std::vector<double>& nonzero() const { return m_nonzero; }
    /// The sum of their magnitudes, by index.
    [[nodiscard]] const std::vector<double>& magnitude() const { return m_magnitude; }

private:
    int m_axis;
    ChannelMap m_channels;
    std::int64_t m_count = 0;
    std::vector<double> m_nonzero, m_magnitude;
};

/// A figure of each index (a sum over GroupActivity::count() elements) as a mean for each of so many channels: over the indices of a
/// channel, and over all values of the group. Empty when nothing was seen.
[[nodiscard]] std::vector<double> meanOfChannels(const std::vector<const GroupActivity*>& seen, std::size_t channels,
                                                 const std::vector<double>& (GroupActivity::*figure)() const);

} // namespace lathe::transform
