#include <core/runtime/kernels/int8/acc16_weights.h>

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

namespace lathe::runtime {
namespace {

/// The least and the largest that a lane of a chain can come to, and that one step can.
struct Extremes {
    int low = 0, high = 0;
    void add(std::int8_t weight, int largestInput) { (weight < 0 ? low : high) += largestInput * weight; }
};

void expectWithin16Bits(const Extremes& extremes) {
    EXPECT_GE(extremes.low, -32768);
    EXPECT_LE(extremes.high, 32767);
}

/// Whatever the inputs are, no sum may leave 16 bits. Returns how long chains are on average.
double expectNothingOverflows(const Acc16Weights& weights, int largestInput = 255) {
    std::int64_t chains = 0, steps = 0;
    for (std::int64_t index = 0; index < weights.blocksPerGroup(); ++index) {
        const Acc16Weights::Block block = weights.block(index);
        const std::int64_t lanes = block.vectors * Acc16Weights::vectorChannels * 2;
        const std::int8_t* weight = block.weights;
        const std::int16_t* start = block.starts;
        for (const std::uint8_t length : block.lengths) {
            EXPECT_GE(length, 1);
            EXPECT_LE(length, Acc16Weights::longestChain);
            for (std::int64_t lane = 0; lane < lanes; ++lane) {
                Extremes all{start[lane], start[lane]};
                for (std::int64_t step = 0; step < length; ++step) {
                    Extremes one;
                    for (const std::int64_t at : {2 * lane, 2 * lane + 1}) {
                        const std::int8_t each = weight[step * 2 * lanes + at];
                        one.add(each, largestInput);
                        all.add(each, largestInput);
                    }
                    expectWithin16Bits(one);
                }
                expectWithin16Bits(all);
            }
            weight += length * 2 * lanes;
            start += lanes;
            ++chains;
            steps += length;
        }
    }
    return chains == 0 ? 0 : static_cast<double>(steps) / static_cast<double>(chains);
}

TEST(Acc16Weights, NoInputsCarryASumOutOf16Bits) {
    std::mt19937 engine(3);
    for (const int highest : {1, 20, 63, 127}) {
        std::vector<std::int16_t> weights(40 * 100);
        for (auto& weight : weights)
            weight = static_cast<std::int16_t>(std::uniform_int_distribution(-highest - 1, highest)(engine));
        expectNothingOverflows(Acc16Weights({100, 40}, weights));
    }
    for (const int same : {-128, -127, -65, -64, 64, 65, 127})
        expectNothingOverflows(Acc16Weights({12, 9}, std::vector<std::int16_t>(12 * 9, static_cast<std::int16_t>(same))));
}

TEST(Acc16Weights, SmallWeightsMakeLongChains) {
    std::mt19937 engine(3);
    std::normal_distribution<float> normal(0, 15);
    std::vector<std::int16_t> weights(16 * 512);
    for (auto& weight : weights)
        weight = static_cast<std::int16_t>(std::clamp(normal(engine), -63.0F, 63.0F));
    EXPECT_GT(expectNothingOverflows(Acc16Weights({512, 16}, weights)), 4);
    EXPECT_GT(expectNothingOverflows(Acc16Weights({512, 16}, weights, 127), 127), 6);
}

TEST(Acc16Weights, StepsOfZerosAreLeftOut) {
    std::vector<std::int16_t> weights(20 * 64, 0);
    const Acc16Weights none({64, 20}, weights);
    EXPECT_EQ(expectNothingOverflows(none), 0);
    EXPECT_TRUE(none.offsetsInRow().empty());
    weights[18 * 64 + 9] = 5; // of the second block, and its third step
    const Acc16Weights one({64, 20}, weights);
    ASSERT_EQ(one.offsetsInRow().size(), 1);
    EXPECT_EQ(one.offsetsInRow()[0], 8);
    EXPECT_EQ(one.block(1).lengths.size(), 1);
    EXPECT_EQ(one.channelSums()[18], 5);
}

TEST(Acc16Weights, OffsetsFollowTheRows) {
    const ConvolutionShape shape{3, 8, 1, {2, 3, 1, 1, 0, 0, 3, 1}};
    const Acc16Weights weights(shape, std::vector<std::int16_t>(8 * 3 * 2 * 3, 1));
    std::vector<std::int64_t> offsets;
    weights.stepOffsets(50, offsets);
    std::ranges::sort(offsets);
    EXPECT_EQ(offsets, (std::vector<std::int64_t>{0, 4, 8, 150, 154, 158}));
    EXPECT_FALSE(weights.readsWholeSteps()) << "nine inputs in a row";
}

} // namespace
} // namespace lathe::runtime
