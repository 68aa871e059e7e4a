#include <core/transform/quantize/weight_error.h>

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace lathe::transform {
namespace {

TEST(WeightError, IsHalfTheSquaredDistance) {
    const std::vector<float> original{1, -2, 3}, changed{1, -1, 1};
    const WeightError error = weightError(original, changed);
    EXPECT_EQ(error.loss(), 2.5);
    EXPECT_NEAR(error.sqnrDb(), 10 * std::log10(14.0 / 5.0), 1e-12);
}

TEST(WeightError, EdgeCases) {
    const std::vector<float> empty, zeros{0, 0}, ones{1, 1};
    EXPECT_EQ(weightError(empty, empty).loss(), 0);
    EXPECT_TRUE(std::isinf(weightError(ones, ones).sqnrDb()));
    EXPECT_EQ(weightError(zeros, ones).sqnrDb(), -std::numeric_limits<double>::infinity());
}

TEST(WeightError, SumsInDoublePrecision) {
    const std::vector<float> many(1 << 20, 0.1F), none(1 << 20, 0.0F);
    EXPECT_NEAR(weightError(many, none).loss(), (1 << 19) * static_cast<double>(0.1F) * static_cast<double>(0.1F), 1e-6);
}

} // namespace
} // namespace lathe::transform
