#include <core/quantization/pair_sums.h>

#include <gtest/gtest.h>

#include <core/quantization/grid.h>

namespace lathe::quantization {
namespace {

TEST(PairSums, AreCountedToTheLastOne) {
    EXPECT_TRUE(pairSumsSaturate(255, 127));
    EXPECT_FALSE(pairSumsSaturate(127, 128));
    EXPECT_FALSE(pairSumsSaturate(255, 64)) << "2 · 255 · 64 = 32640";
    EXPECT_TRUE(pairSumsSaturate(255, 65)) << "2 · 255 · 65 = 33150";
    EXPECT_FALSE(pairSumsSaturate(0, 128));
}

TEST(PairSums, SafeWeightBitsAreTheMostThatAreSafe) {
    for (const Scheme scheme : {Scheme::Symmetric, Scheme::Affine}) {
        EXPECT_FALSE(pairSumsSaturate(255, -signedRange(safeWeightBits, scheme).minimum));
        EXPECT_TRUE(pairSumsSaturate(255, -signedRange(safeWeightBits + 1, scheme).minimum));
    }
}

TEST(PairSums, LargestMagnitudeKnowsTheLowestByte) {
    EXPECT_EQ(largestMagnitude(tensor::Tensor::of<std::int8_t>({3}, {5, -128, 127})), 128);
    EXPECT_EQ(largestMagnitude(tensor::Tensor::of<std::int8_t>({0}, {})), 0);
}

} // namespace
} // namespace lathe::quantization
