#include <core/transform/share/k_means.h>

#include <algorithm>
#include <cassert>
#include <cmath>

namespace lathe::transform {

namespace {

constexpr int mostRounds = 300;

/// Sorted numbers: clusters of them are intervals, and a round takes time for the centroids only.
class Line {
public:
    explicit Line(std::span<const float> numbers) : m_sorted(numbers.begin(), numbers.end()) {
        std::ranges::sort(m_sorted);
        m_sums.reserve(m_sorted.size() + 1);
        m_sums.push_back(0);
        for (const float number : m_sorted)
            m_sums.push_back(m_sums.back() + static_cast<double>(number));
    }

    [[nodiscard]] double lowest() const { return m_sorted.front(); }
    [[nodiscard]] double highest() const { return m_sorted.back(); }

    /// The different numbers; one more than `most` when there are more.
    [[nodiscard]] std::vector<float> different(std::size_t most) const {
        std::vector<float> found;
        for (auto at = m_sorted.begin(); at != m_sorted.end() && found.size() <= most; at = std::upper_bound(at, m_sorted.end(), *at))
            found.push_back(*at);
        return found;
    }

    /// Where each cluster begins, and the end: what lies in the middle between two centroids belongs to the lower one.
    [[nodiscard]] std::vector<std::size_t> bounds(const std::vector<double>& centroids) const {
        std::vector<std::size_t> bounds{0};
        for (std::size_t i = 1; i < centroids.size(); ++i) {
            const double middle = (centroids[i - 1] + centroids[i]) / 2;
            const auto begin = m_sorted.begin() + static_cast<std::ptrdiff_t>(bounds.back());
            bounds.push_back(static_cast<std::size_t>(std::upper_bound(begin, m_sorted.end(), middle) - m_sorted.begin()));
        }
        bounds.push_back(m_sorted.size());
        return bounds;
    }

    [[nodiscard]] double mean(std::size_t begin, std::size_t end) const {
        return (m_sums[end] - m_sums[begin]) / static_cast<double>(end - begin);
    }

    /// The number that is farthest from the centroid of its cluster: one at an end of the cluster.
    [[nodiscard]] double farthest(const std::vector<double>& centroids, const std::vector<std::size_t>& bounds) const {
        double number = centroids.front(), most = -1;
        for (std::size_t i = 0; i < centroids.size(); ++i) {
            if (bounds[i] == bounds[i + 1]) continue;
            for (const double end : {static_cast<double>(m_sorted[bounds[i]]), static_cast<double>(m_sorted[bounds[i + 1] - 1])}) {
                if (std::fabs(end - centroids[i]) <= most) continue;
                most = std::fabs(end - centroids[i]);
                number = end;
            }
        }
        return number;
    }

private:
    std::vector<float> m_sorted;
    std::vector<double> m_sums; ///< of the numbers before each place
};

std::vector<double> lloyd(const Line& line, std::size_t count) {
    std::vector<double> centroids(count);
    for (std::size_t i = 0; i < count; ++i)
        centroids[i] = count == 1
                           ? (line.lowest() + line.highest()) / 2
                           : line.lowest() + (line.highest() - line.lowest()) * static_cast<double>(i) / static_cast<double>(count - 1);
    for (int round = 0; round < mostRounds; ++round) {
        const std::vector<std::size_t> bounds = line.bounds(centroids);
        std::vector<double> moved = centroids;
        bool movesEmpty = false;
        for (std::size_t i = 0; i < count; ++i) {
            if (bounds[i] < bounds[i + 1]) {
                moved[i] = line.mean(bounds[i], bounds[i + 1]);
            } else if (!movesEmpty) { // one a round: the next would go to the same number
                moved[i] = line.farthest(centroids, bounds);
                movesEmpty = true;
            }
        }
        std::ranges::sort(moved);
        if (moved == centroids) break;
        centroids = std::move(moved);
    }
    return centroids;
}

} // namespace

Clusters kMeans(std::span<const float> numbers, std::size_t count) {
    assert(count >= 1 && count <= 256);
    Clusters clusters;
    if (numbers.empty()) return clusters;
    const Line line(numbers);
    clusters.centroids = line.different(count);
    if (clusters.centroids.size() > count) {
        const std::vector<double> centroids = lloyd(line, count);
        clusters.centroids.assign(centroids.begin(), centroids.end());
        const auto [end, last] = std::ranges::unique(clusters.centroids);
        clusters.centroids.erase(end, last);
    }
    std::vector<double> middles;
    for (std::size_t i = 1; i < clusters.centroids.size(); ++i)
        middles.push_back((static_cast<double>(clusters.centroids[i - 1]) + static_cast<double>(clusters.centroids[i])) / 2);
    clusters.indices.reserve(numbers.size());
    for (const float number : numbers)
        clusters.indices.push_back(
            static_cast<std::uint8_t>(std::ranges::lower_bound(middles, static_cast<double>(number)) - middles.begin()));
    return clusters;
}

} // namespace lathe::transform
