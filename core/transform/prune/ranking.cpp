#include <core/transform/prune/ranking.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

namespace lathe::transform {

std::vector<std::size_t> lowest(std::span<const double> scores, std::size_t count) {
    std::vector<std::size_t> order(scores.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    count = std::min(count, order.size());
    const auto isLower = [&](std::size_t a, std::size_t b) { return scores[a] != scores[b] ? scores[a] < scores[b] : a < b; };
    // Linear instead of a full sort: there may be a hundred million weights.
    if (count < order.size()) std::nth_element(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(), isLower);
    order.resize(count);
    std::ranges::sort(order);
    return order;
}

std::vector<double> randomScores(std::string_view name, std::size_t count) {
    std::uint64_t seed = 14695981039346656037ULL; // FNV-1a
    for (const char c : name)
        seed = (seed ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    std::mt19937_64 generator(seed);
    std::vector<double> scores(count);
    for (double& score : scores)
        score = static_cast<double>(generator() >> 11U) * 0x1p-53; // std::uniform_real_distribution differs between libraries
    return scores;
}

std::size_t shareOf(double ratio, std::size_t count) {
    return static_cast<std::size_t>(std::floor(ratio * static_cast<double>(count) + 1e-9));
}

} // namespace lathe::transform
