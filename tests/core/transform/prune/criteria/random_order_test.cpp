#include <core/transform/prune/criteria/random_order.h>

#include <cmath>

#include <gtest/gtest.h>

#include "scored_group.h"

namespace lathe::transform {
namespace {

TEST(RandomOrder, IsTheSameForOneLayerAndAnotherForEach) {
    const test::ScoredGroup first(support::lenet5(), 0), again(support::lenet5(), 0), second(support::lenet5(), 1);
    const std::vector<double> scores = randomOrder.ofWeights(first.weights);
    EXPECT_EQ(scores.size(), 6U);
    EXPECT_EQ(scores, randomOrder.ofWeights(again.weights));
    EXPECT_NE(scores[0], randomOrder.ofWeights(second.weights)[0]);
}

} // namespace
} // namespace lathe::transform
