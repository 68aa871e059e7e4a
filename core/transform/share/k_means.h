#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace lathe::transform {

/// Numbers in a few clusters.
struct Clusters {
    std::vector<float> centroids;      ///< rising, at most as many as were asked for
    std::vector<std::uint8_t> indices; ///< of each number the nearest centroid; of two equally near ones the lower
};

/// k-means of finite numbers (S. Lloyd, IEEE Trans. Inf. Theory 28, 1982) with at most `count` centroids (1 to 256), which begin evenly
/// spaced over the range: few weights are large and those matter most, so that this keeps the most accuracy (S. Han et al., Deep
/// Compression, arXiv:1510.00149, §3.2), and nothing is random. A centroid that no number is nearest to goes to the number that is farthest
/// from its own. Where there are no more different numbers than centroids, these are the centroids, exactly.
[[nodiscard]] Clusters kMeans(std::span<const float> numbers, std::size_t count);

} // namespace lathe::transform
