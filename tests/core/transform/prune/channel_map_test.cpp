#include <core/transform/prune/channel_map.h>

#include <gtest/gtest.h>

namespace lathe::transform {
namespace {

using Sizes = std::vector<std::int64_t>;

/// For every element of `from`: its flat position tells where it lies in `to`; the channel seen there must be its own.
void expectEveryElementKeepsItsChannel(const Sizes& from, int axis, const Sizes& to) {
    const auto reshaped = reshapeForward(from, axis, identityMap(from[static_cast<std::size_t>(axis)]), to);
    ASSERT_TRUE(reshaped);
    const auto coordinate = [](const Sizes& sizes, int of, std::int64_t flat) {
        for (std::size_t i = sizes.size() - 1; i > static_cast<std::size_t>(of); --i)
            flat /= sizes[i];
        return flat % sizes[static_cast<std::size_t>(of)];
    };
    std::int64_t elements = 1;
    for (const std::int64_t size : from)
        elements *= size;
    for (std::int64_t flat = 0; flat < elements; ++flat) {
        EXPECT_EQ(reshaped->channels[static_cast<std::size_t>(coordinate(to, reshaped->axis, flat))], coordinate(from, axis, flat));
    }
}

TEST(ChannelMap, FlattenTurnsAChannelIntoABlock) {
    const auto reshaped = reshapeForward(Sizes{1, 2, 1, 3}, 1, identityMap(2), Sizes{1, 6});
    ASSERT_TRUE(reshaped);
    EXPECT_EQ(reshaped->axis, 1);
    EXPECT_EQ(reshaped->channels, (ChannelMap{0, 0, 0, 1, 1, 1}));
}

TEST(ChannelMap, EveryElementKeepsItsChannel) {
    expectEveryElementKeepsItsChannel({2, 16, 5, 5}, 1, {2, 400});
    expectEveryElementKeepsItsChannel({2, 4, 3, 3}, 1, {72});
    expectEveryElementKeepsItsChannel({2, 4, 3, 3}, 1, {2, 4, 9});
    expectEveryElementKeepsItsChannel({2, 4, 1, 1}, 1, {2, 4});
    expectEveryElementKeepsItsChannel({2, 12}, 1, {2, 12, 1, 1});
    expectEveryElementKeepsItsChannel({2, 3, 4}, 2, {6, 4});
}

TEST(ChannelMap, RefusesChannelsThatAreSpread) {
    EXPECT_FALSE(reshapeForward(Sizes{1, 6, 4}, 1, identityMap(6), Sizes{1, 2, 3, 4}));
    EXPECT_FALSE(reshapeForward(Sizes{2, 3}, 1, identityMap(3), Sizes{3, 2}));
    EXPECT_FALSE(reshapeForward(Sizes{1, 4}, 1, identityMap(4), Sizes{1, 5}));
}

TEST(ChannelMap, BackwardUndoesForward) {
    const Sizes from{1, 4, 2, 2}, to{1, 16};
    const auto forward = reshapeForward(from, 1, ChannelMap{2, noChannel, 0, 1}, to);
    ASSERT_TRUE(forward);
    const auto back = reshapeBackward(from, to, forward->axis, forward->channels);
    ASSERT_TRUE(back);
    EXPECT_EQ(back->axis, 1);
    EXPECT_EQ(back->channels, (ChannelMap{2, noChannel, 0, 1}));
    // Sixteen channels of their own do not fit four.
    EXPECT_FALSE(reshapeBackward(from, to, 1, identityMap(16)));
}

using Pairs = std::vector<std::pair<std::int32_t, std::int32_t>>;

TEST(ChannelMap, HeadsAreBlocksOfFeatures) {
    const auto heads = regroup(Sizes{1, 5, 6}, 2, identityMap(6), Sizes{1, 5, 2, 3}, 0, std::nullopt);
    ASSERT_TRUE(heads);
    EXPECT_EQ(heads->axis.axis, 2);
    EXPECT_EQ(heads->together, (Pairs{{0, 1}, {0, 2}, {3, 4}, {3, 5}}));
    EXPECT_EQ(heads->candidates, 2);
    // Once they are one, nothing is left to join, in both directions.
    const auto again = regroup(Sizes{1, 5, 6}, 2, ChannelMap{0, 0, 0, 1, 1, 1}, Sizes{1, 5, 2, 3}, 0, std::nullopt);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->axis.channels, (ChannelMap{0, 1}));
    EXPECT_TRUE(again->together.empty());
    const auto back = regroup(Sizes{1, 5, 2, 3}, 2, ChannelMap{0, 1}, Sizes{1, 5, 6}, 0, std::nullopt);
    ASSERT_TRUE(back);
    EXPECT_EQ(back->axis.channels, (ChannelMap{0, 0, 0, 1, 1, 1}));
}

TEST(ChannelMap, AnotherDimensionMayDo) {
    const auto finest = regroup(Sizes{1, 6}, 1, identityMap(6), Sizes{1, 2, 3}, 1, std::nullopt);
    ASSERT_TRUE(finest);
    EXPECT_EQ(finest->axis.axis, 2);
    EXPECT_EQ(finest->together, (Pairs{{0, 3}, {1, 4}, {2, 5}}));
    const auto wanted = regroup(Sizes{1, 6}, 1, identityMap(6), Sizes{1, 2, 3}, 1, 1);
    ASSERT_TRUE(wanted);
    EXPECT_EQ(wanted->axis.axis, 1);
}

TEST(ChannelMap, ChannelsOfTheGroupAreNotMixedWithOthers) {
    EXPECT_FALSE(regroup(Sizes{4}, 0, ChannelMap{0, noChannel, 1, noChannel}, Sizes{2, 2}, 0, std::nullopt));
}

} // namespace
} // namespace lathe::transform
