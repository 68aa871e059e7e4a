#include <core/transform/prune/criteria/group_activity.h>

#include <algorithm>
#include <cmath>

namespace lathe::transform {

GroupActivity::GroupActivity(int axis, ChannelMap channels)
    : m_axis(axis), m_channels(std::move(channels)), m_nonzero(m_channels.size(), 0), m_magnitude(m_channels.size(), 0) {}

void GroupActivity::add(const tensor::Tensor& values) {
    const tensor::Shape& shape = values.shape();
    const auto at = static_cast<std::size_t>(m_axis);
    if (at >= shape.size() || shape[at] != static_cast<std::int64_t>(m_channels.size())) return;
    const tensor::Tensor whole = values.contiguous();
    const auto numbers = whole.values<float>();
    const auto inner = static_cast<std::size_t>(tensor::elementCount({shape.begin() + m_axis + 1, shape.end()}));
    if (numbers.empty()) return;
    const std::size_t outer = numbers.size() / (m_channels.size() * inner);
    for (std::size_t block = 0; block < outer; ++block) {
        for (std::size_t index = 0; index < m_channels.size(); ++index) {
            double magnitude = 0;
            std::size_t nonzero = 0;
            for (const float number : numbers.subspan((block * m_channels.size() + index) * inner, inner)) {
                magnitude += std::fabs(static_cast<double>(number));
                nonzero += number == 0 ? 0 : 1;
            }
            m_magnitude[index] += magnitude;
            m_nonzero[index] += static_cast<double>(nonzero);
        }
    }
    m_count += static_cast<std::int64_t>(outer * inner);
}

std::vector<double> meanOfChannels(const std::vector<const GroupActivity*>& seen, std::size_t channels,
                                   const std::vector<double>& (GroupActivity::*figure)() const) {
    std::vector<double> sums(channels, 0), counts(channels, 0);
    bool isSeen = false;
    for (const GroupActivity* activity : seen) {
        if (activity->count() == 0) continue;
        isSeen = true;
        const std::vector<double>& figures = (activity->*figure)();
        for (std::size_t index = 0; index < activity->channels().size(); ++index) {
            const std::int32_t channel = activity->channels()[index];
            if (channel == noChannel) continue;
            sums[static_cast<std::size_t>(channel)] += figures[index] / static_cast<double>(activity->count());
            counts[static_cast<std::size_t>(channel)] += 1;
        }
    }
    if (!isSeen) return {};
    for (std::size_t channel = 0; channel < channels; ++channel)
        sums[channel] /= std::max(counts[channel], 1.0);
    return sums;
}

} // namespace lathe::transform
