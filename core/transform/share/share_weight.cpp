#include <core/transform/share/share_weight.h>

#include <algorithm>

#include <core/transform/share/k_means.h>

namespace lathe::transform {

namespace {

/// The most rows, up to `wanted`, that cut `all` into equal parts.
std::int64_t rowsOfGroup(std::int64_t all, std::int64_t wanted) {
    if (wanted <= 0 || wanted >= all) return std::max<std::int64_t>(all, 1);
    while (all % wanted != 0)
        --wanted;
    return wanted;
}

/// Clusters in which zero is a number of its own.
Clusters clustersWithZero(std::span<const float> values, std::size_t count) {
    std::vector<float> others;
    std::ranges::copy_if(values, std::back_inserter(others), [](float value) { return value != 0; });
    if (others.size() == values.size()) return kMeans(values, count);
    const Clusters rest = kMeans(others, count - 1);
    Clusters clusters;
    clusters.centroids.push_back(0);
    clusters.centroids.insert(clusters.centroids.end(), rest.centroids.begin(), rest.centroids.end());
    clusters.indices.reserve(values.size());
    auto index = rest.indices.begin();
    for (const float value : values)
        clusters.indices.push_back(value == 0 ? std::uint8_t{0} : static_cast<std::uint8_t>(*index++ + 1));
    return clusters;
}

} // namespace

quantization::SharedWeight shareWeight(std::span<const float> values, const tensor::Shape& shape, const SharedFormat& format,
                                       tensor::DType dtype) {
    const std::int64_t all = shape.empty() ? 1 : shape.front();
    const std::int64_t groups = all == 0 ? 1 : all / rowsOfGroup(all, format.rows);
    const std::size_t perGroup = values.size() / static_cast<std::size_t>(groups);
    quantization::SharedWeight shared{format.bits, {}, {}, shape};
    shared.indices.reserve(values.size());
    std::vector<std::vector<float>> codebooks;
    std::size_t numbers = 1;
    for (std::size_t group = 0; group < static_cast<std::size_t>(groups); ++group) {
        Clusters clusters = clustersWithZero(values.subspan(group * perGroup, perGroup), std::size_t{1} << format.bits);
        shared.indices.insert(shared.indices.end(), clusters.indices.begin(), clusters.indices.end());
        numbers = std::max(numbers, clusters.centroids.size());
        codebooks.push_back(std::move(clusters.centroids));
    }
    std::vector<float> table;
    for (std::vector<float>& codebook : codebooks) {
        codebook.resize(numbers, codebook.empty() ? 0 : codebook.back()); // what nothing points at
        table.insert(table.end(), codebook.begin(), codebook.end());
    }
    shared.codebooks = tensor::Tensor::of({groups, static_cast<std::int64_t>(numbers)}, table).to(dtype);
    return shared;
}

} // namespace lathe::transform
