#include <core/transform/recover/channel_statistics.h>

#include <algorithm>

namespace lathe::transform {

void ChannelStatistics::add(const tensor::Tensor& values, int axis) {
    const tensor::Shape& shape = values.shape();
    const auto at = static_cast<std::size_t>(axis < 0 ? axis + static_cast<int>(shape.size()) : axis);
    const auto channels = static_cast<std::size_t>(shape[at]);
    std::size_t inner = 1;
    for (std::size_t later = at + 1; later < shape.size(); ++later)
        inner *= static_cast<std::size_t>(shape[later]);
    const auto numbers = values.values<float>();
    if (numbers.empty()) return;
    const std::size_t outer = numbers.size() / (channels * inner);
    if (m_shift.empty()) {
        for (std::size_t channel = 0; channel < channels; ++channel)
            m_shift.push_back(static_cast<double>(numbers[channel * inner]));
        m_sums.assign(channels, 0);
        m_squares.assign(channels, 0);
    }
    for (std::size_t block = 0; block < outer; ++block) {
        for (std::size_t channel = 0; channel < channels; ++channel) {
            const auto part = numbers.subspan((block * channels + channel) * inner, inner);
            double sum = 0, squares = 0;
            for (const float number : part) {
                const double value = static_cast<double>(number) - m_shift[channel];
                sum += value;
                squares += value * value;
            }
            m_sums[channel] += sum;
            m_squares[channel] += squares;
        }
    }
    m_count += static_cast<std::int64_t>(outer * inner);
}

std::vector<double> ChannelStatistics::means() const {
    std::vector<double> means(m_sums.size());
    for (std::size_t channel = 0; channel < means.size(); ++channel)
        means[channel] = m_shift[channel] + m_sums[channel] / static_cast<double>(m_count);
    return means;
}

std::vector<double> ChannelStatistics::variances() const {
    std::vector<double> variances(m_sums.size());
    const auto count = static_cast<double>(m_count);
    for (std::size_t channel = 0; channel < variances.size(); ++channel)
        variances[channel] = std::max(0.0, (m_squares[channel] - m_sums[channel] * m_sums[channel] / count) / std::max(1.0, count - 1));
    return variances;
}

} // namespace lathe::transform
