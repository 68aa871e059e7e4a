#include <core/train/random_order.h>

#include <algorithm>
#include <map>
#include <numeric>

#include <gtest/gtest.h>

namespace lathe::train {
namespace {

TEST(RandomOrder, IsAPermutation) {
    for (const std::int64_t count : {0, 1, 2, 1000}) {
        std::mt19937_64 random = epochRandom(0, 0);
        std::vector<std::int64_t> order = randomOrder(count, random);
        std::ranges::sort(order);
        std::vector<std::int64_t> expected(static_cast<std::size_t>(count));
        std::iota(expected.begin(), expected.end(), 0);
        EXPECT_EQ(order, expected);
    }
}

TEST(RandomOrder, DependsOnSeedAndEpochOnly) {
    const auto order = [](std::int64_t seed, int epoch) {
        std::mt19937_64 random = epochRandom(seed, epoch);
        return randomOrder(100, random);
    };
    EXPECT_EQ(order(1, 2), order(1, 2));
    EXPECT_NE(order(1, 2), order(1, 3));
    EXPECT_NE(order(1, 2), order(2, 2));
    EXPECT_NE(order(1, 2), order(1 + (std::int64_t{1} << 32), 2)) << "the upper half of the seed counts too";
}

TEST(RandomOrder, EveryOrderIsAsLikely) {
    std::mt19937_64 random = epochRandom(0, 0);
    std::map<std::vector<std::int64_t>, int> counts;
    constexpr int rounds = 60000;
    for (int round = 0; round < rounds; ++round) {
        ++counts[randomOrder(3, random)];
    }
    ASSERT_EQ(counts.size(), 6U);
    double chiSquared = 0;
    for (const auto& [order, count] : counts) {
        chiSquared += (count - rounds / 6.0) * (count - rounds / 6.0) / (rounds / 6.0);
    }
    EXPECT_LT(chiSquared, 20.5) << "99.9 % quantile with 5 degrees of freedom";
}

TEST(Uniform, FillsTheUnitInterval) {
    std::mt19937_64 random = epochRandom(5, 0);
    double sum = 0, least = 1, largest = 0;
    for (int at = 0; at < 100000; ++at) {
        const double value = uniform(random);
        ASSERT_GE(value, 0);
        ASSERT_LT(value, 1);
        sum += value;
        least = std::min(least, value);
        largest = std::max(largest, value);
    }
    EXPECT_NEAR(sum / 100000, 0.5, 0.005);
    EXPECT_LT(least, 0.001);
    EXPECT_GT(largest, 0.999);
}

} // namespace
} // namespace lathe::train
