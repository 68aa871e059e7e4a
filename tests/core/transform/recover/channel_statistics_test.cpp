#include <core/transform/recover/channel_statistics.h>

#include <gtest/gtest.h>

namespace lathe::transform {
namespace {

using tensor::Tensor;

TEST(ChannelStatistics, AreThoseOfAllElementsOfAChannel) {
    ChannelStatistics statistics;
    statistics.add(Tensor::of<float>({2, 2, 2}, {1, 2, 10, 10, 3, 4, 10, 10}), 1);
    statistics.add(Tensor::of<float>({1, 2, 2}, {5, 9, 10, 12}), 1);
    EXPECT_EQ(statistics.count(), 6);
    EXPECT_DOUBLE_EQ(statistics.means()[0], 4); // 1 2 3 4 5 9
    EXPECT_DOUBLE_EQ(statistics.variances()[0], 8);
    EXPECT_DOUBLE_EQ(statistics.means()[1], 62.0 / 6);
    EXPECT_NEAR(statistics.variances()[1], 4.0 / 6, 1e-12);
}

TEST(ChannelStatistics, CountAxesFromTheEnd) {
    ChannelStatistics statistics;
    statistics.add(Tensor::of<float>({2, 3}, {1, 2, 3, 3, 4, 8}), -1);
    EXPECT_EQ(statistics.means(), (std::vector<double>{2, 3, 5.5}));
}

TEST(ChannelStatistics, LoseNothingWhereTheMeanIsLarge) {
    ChannelStatistics statistics;
    for (int batch = 0; batch < 1000; ++batch)
        statistics.add(Tensor::of<float>({2, 1}, {16000000, 16000002}), 1);
    EXPECT_NEAR(statistics.means()[0], 16000001, 1e-6);
    EXPECT_NEAR(statistics.variances()[0], 1, 1e-3);
}

TEST(ChannelStatistics, OfOneElementHaveNoVariance) {
    ChannelStatistics statistics;
    statistics.add(Tensor::of<float>({1, 1}, {3}), 1);
    EXPECT_EQ(statistics.variances(), std::vector<double>{0});
}

} // namespace
} // namespace lathe::transform
