#include <views/charts/distribution.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace lathe::views {

namespace {

std::vector<double> sortedFinite(std::span<const double> samples) {
    std::vector<double> sorted;
    std::copy_if(samples.begin(), samples.end(), std::back_inserter(sorted), [](double sample) { return std::isfinite(sample); });
    std::sort(sorted.begin(), sorted.end());
    return sorted;
}

} // namespace

std::vector<QPointF> empiricalDistribution(std::span<const double> samples) {
    const std::vector<double> sorted = sortedFinite(samples);
    std::vector<QPointF> points;
    for (std::size_t index = 0; index < sorted.size(); ++index) {
        const double share = static_cast<double>(index + 1) / static_cast<double>(sorted.size());
        if (!points.empty() && points.back().x() == sorted[index]) {
            points.back().setY(share);
        } else {
            points.emplace_back(sorted[index], share);
        }
    }
    return points;
}

std::vector<double> histogramShares(std::span<const double> samples, double from, double to, int bins) {
    std::vector<double> shares(static_cast<std::size_t>(bins), 0.0);
    if (!(to > from)) return shares;
    const double each = samples.empty() ? 0 : 1.0 / static_cast<double>(samples.size());
    for (const double sample : samples) {
        if (!(sample >= from && sample <= to)) continue;
        const auto bin = static_cast<std::size_t>((sample - from) / (to - from) * bins);
        shares[std::min(bin, shares.size() - 1)] += each;
    }
    return shares;
}

double quantile(std::span<const double> samples, double fraction) {
    const std::vector<double> sorted = sortedFinite(samples);
    if (sorted.empty()) return std::numeric_limits<double>::quiet_NaN();
    const double place = std::clamp(fraction, 0.0, 1.0) * static_cast<double>(sorted.size() - 1);
    const auto lower = static_cast<std::size_t>(place);
    const std::size_t upper = std::min(lower + 1, sorted.size() - 1);
    return sorted[lower] + (sorted[upper] - sorted[lower]) * (place - static_cast<double>(lower));
}

} // namespace lathe::views
