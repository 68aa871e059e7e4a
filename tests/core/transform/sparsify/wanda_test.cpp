#include <core/transform/sparsify/wanda.h>

#include <cmath>

#include <gtest/gtest.h>

namespace lathe::transform {
namespace {

/// Two groups, of which each output has its own inputs.
TEST(Wanda, MultipliesWeightsByTheNormOfTheirInput) {
    const WeightRows rows{2, 2, 3, 1};
    const std::vector<float> matrix{1, -2, 3, 0, 5, -6, 7, 8, -9, 1, 1, 1};
    const std::vector<double> squares{1, 4, 9, 0, 16, 25};
    const std::vector<double> scores = wandaScores(rows, matrix, squares);
    EXPECT_EQ(scores, (std::vector<double>{1, 4, 9, 0, 10, 18, 0, 32, 45, 0, 4, 5}));
}

} // namespace
} // namespace lathe::transform
