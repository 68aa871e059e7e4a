#include <core/transform/prune/criteria/l2_norm.h>

#include <cmath>

#include <gtest/gtest.h>

#include "scored_group.h"

namespace lathe::transform {
namespace {

TEST(L2Norm, IsTheRootOfTheSquaresOfTheGroup) {
    const test::ScoredGroup tried;
    const std::vector<double> scores = l2Norm.ofWeights(tried.weights), squares = squaredNorms(tried.weights);
    ASSERT_EQ(scores.size(), 5U);
    for (std::size_t channel = 0; channel < scores.size(); ++channel) {
        double sum = 0;
        for (const WeightSlice& slice : tried.group.weights) {
            if (slice.role == SliceRole::Vector) continue;
            for (const auto& [value, at] : tried.elementsOf(slice, channel))
                sum += value * value;
        }
        EXPECT_NEAR(scores[channel], std::sqrt(sum), 1e-9) << channel;
        EXPECT_NEAR(squares[channel], sum, 1e-9) << channel;
    }
}

} // namespace
} // namespace lathe::transform
