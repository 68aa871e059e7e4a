#include <core/runtime/kernels/int8/few_inputs_acc16.h>

#include <span>
#include <vector>

#include <gtest/gtest.h>

#include <core/runtime/cpu.h>
#include <tests/core/runtime/few_inputs_reference.h>

namespace lathe::runtime {
namespace {

TEST(FewInputsAcc16, IsTheSlowReference) {
    if (!cpuHasAvx2()) GTEST_SKIP() << "this CPU has no AVX2";
    const std::vector<testing::FewInputs> forms{
        {1, {1, 1}}, {1, {5, 5}}, {1, {3, 3, 2, 2}}, {1, {7, 7, 1, 1}}, {2, {3, 3, 1, 1}}, {2, {2, 5}}, {1, {3, 3, 1, 1, 0, 0, 2, 1}}};
    testing::expectFewInputsAreTheSlowReference(
        forms, hasFewInputsForAcc16,
        [](const ConvolutionShape& shape, std::span<const std::int16_t> weights) { return FewInputsAcc16Weights(shape, weights, 255); });
}

TEST(FewInputsAcc16, LargestProductsDoNotSaturate) {
    if (!cpuHasAvx2()) GTEST_SKIP() << "this CPU has no AVX2";
    for (const int largest : {127, 255}) {
        for (const int weight : {-128, -65, 64, 127}) {
            const ConvolutionShape shape{1, 3, 1, {7, 7}};
            const FewInputsAcc16Weights packed(shape, std::vector<std::int16_t>(147, static_cast<std::int16_t>(weight)), largest);
            const std::vector<std::uint8_t> image(7 * 22 + int8ReadAhead, static_cast<std::uint8_t>(largest));
            std::vector<std::int64_t> rows;
            shape.positionOffsets(22, true, rows);
            const std::vector<float> ones(3 + int8ScaleReadAhead, 1.0F), zeros(3 + int8ScaleReadAhead, 0.0F);
            std::vector<float> sums(16 * 3);
            convolveFewInputsRow(packed, image.data(), rows, 16, 0, {ones, zeros, -1e30F, 1e30F, 0, nullptr, sums.data()});
            for (const float sum : sums)
                EXPECT_EQ(sum, 49.0F * static_cast<float>(largest * weight));
        }
    }
}

TEST(FewInputsAcc16, OnlyWherePixelsAreClose) {
    EXPECT_TRUE(hasFewInputsForAcc16({1, 6, 1, {5, 5}}));
    EXPECT_TRUE(hasFewInputsForAcc16({1, 6, 1, {5, 5, 2, 2}}));
    EXPECT_FALSE(hasFewInputsForAcc16({3, 64, 1, {7, 7}})) << "eight pixels are more than sixteen bytes";
    EXPECT_FALSE(hasFewInputsForAcc16({2, 2, 2, {3, 3}})) << "groups";
    EXPECT_FALSE(hasFewInputsForAcc16({1, 6, 1, {5, 5, 1, 1, 0, 0, 1, 2}})) << "gaps";
}

} // namespace
} // namespace lathe::runtime
