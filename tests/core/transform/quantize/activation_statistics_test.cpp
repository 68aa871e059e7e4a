#include <core/transform/quantize/activation_statistics.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

#include <gtest/gtest.h>

namespace lathe::transform {
namespace {

std::vector<float> values(std::size_t count, unsigned seed) {
    std::mt19937 generator(seed);
    std::normal_distribution<float> normal(0.5F, 3);
    std::vector<float> result(count);
    for (float& value : result)
        value = normal(generator);
    return result;
}

TEST(ActivationStatistics, MinimumMaximumAndEveryBinAreExact) {
    const auto all = values(20000, 3);
    ActivationStatistics statistics;
    statistics.add(std::span(all).first(7));
    statistics.add(std::span(all).subspan(7));
    EXPECT_EQ(statistics.count(), 20000);
    EXPECT_EQ(statistics.minimum(), *std::ranges::min_element(all));
    EXPECT_EQ(statistics.maximum(), *std::ranges::max_element(all));
    std::vector<std::int64_t> expected(ActivationStatistics::bins, 0);
    const double width = statistics.binWidth();
    for (const float value : all) {
        for (std::size_t bin = static_cast<std::size_t>(std::floor(value / width) + ActivationStatistics::bins / 2); bin < expected.size();
             ++bin) {
            ++expected[bin];
            break;
        }
    }
    EXPECT_EQ(statistics.counts(), expected);
}

TEST(ActivationStatistics, TheOrderOfSamplesDoesNotMatter) {
    auto all = values(5000, 9);
    all.push_back(1e-20F);
    all.push_back(-300);
    ActivationStatistics forward, backward;
    forward.add(all);
    std::ranges::reverse(all);
    for (const float& value : all)
        backward.add(std::span(&value, 1));
    EXPECT_EQ(forward.counts(), backward.counts());
    EXPECT_EQ(forward.binWidth(), backward.binWidth());
}

TEST(ActivationStatistics, EdgeCases) {
    ActivationStatistics empty;
    empty.add({});
    EXPECT_EQ(empty.count(), 0);
    EXPECT_EQ(empty.minimum(), 0);
    EXPECT_TRUE(empty.counts().empty());

    ActivationStatistics zeros;
    zeros.add(std::vector<float>(5, 0));
    EXPECT_EQ(zeros.zeros(), 5);
    EXPECT_TRUE(zeros.counts().empty());

    ActivationStatistics negative;
    negative.add(std::vector<float>{-2, -3});
    EXPECT_EQ(negative.maximum(), -2);

    ActivationStatistics odd;
    const float infinity = std::numeric_limits<float>::infinity();
    odd.add(std::vector<float>{1, std::numeric_limits<float>::quiet_NaN(), infinity, -infinity, std::numeric_limits<float>::max(),
                               std::numeric_limits<float>::denorm_min(), -std::numeric_limits<float>::max()});
    EXPECT_EQ(odd.nonFinite(), 3);
    EXPECT_EQ(odd.count(), 4);
    EXPECT_EQ(odd.maximum(), std::numeric_limits<float>::max());
    EXPECT_EQ(std::accumulate(odd.counts().begin(), odd.counts().end(), std::int64_t{0}), 4);

    // A power of two lies on the edge of the range.
    ActivationStatistics edge;
    edge.add(std::vector<float>{1, 2, 4, -4});
    EXPECT_EQ(std::accumulate(edge.counts().begin(), edge.counts().end(), std::int64_t{0}), 4);
}

} // namespace
} // namespace lathe::transform
