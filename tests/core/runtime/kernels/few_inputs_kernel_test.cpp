#include <core/runtime/kernels/int8/few_inputs_kernel.h>

#include <span>
#include <vector>

#include <gtest/gtest.h>

#include <tests/core/runtime/few_inputs_reference.h>

namespace lathe::runtime {
namespace {

TEST(FewInputsKernel, IsTheSlowReference) {
    if (!cpuHasFewInputsKernel()) GTEST_SKIP() << "this CPU has no AVX-512 VNNI and VBMI";
    const std::vector<testing::FewInputs> forms{{1, {1, 1}},       {1, {5, 5}}, {1, {3, 3, 2, 2}}, {1, {7, 7, 1, 4}},
                                                {2, {3, 3, 1, 2}}, {3, {3, 3}}, {4, {2, 5}},       {1, {3, 3, 1, 1, 0, 0, 2, 1}}};
    testing::expectFewInputsAreTheSlowReference(
        forms, hasFewInputs,
        [](const ConvolutionShape& shape, std::span<const std::int16_t> weights) { return FewInputsWeights(shape, weights); });
}

TEST(FewInputsKernel, OnlyWherePixelsAreClose) {
    EXPECT_TRUE(hasFewInputs({1, 6, 1, {5, 5}}));
    EXPECT_TRUE(hasFewInputs({3, 64, 1, {7, 7}}));
    EXPECT_FALSE(hasFewInputs({3, 64, 1, {7, 7, 2, 2}})) << "sixteen pixels are 94 bytes apart";
    EXPECT_FALSE(hasFewInputs({2, 2, 2, {3, 3}})) << "groups";
    EXPECT_FALSE(hasFewInputs({1, 6, 1, {5, 5, 1, 1, 0, 0, 1, 2}})) << "gaps";
}

} // namespace
} // namespace lathe::runtime
