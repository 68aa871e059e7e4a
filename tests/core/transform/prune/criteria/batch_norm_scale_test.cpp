#include <core/transform/prune/criteria/batch_norm_scale.h>

#include <cmath>

#include <gtest/gtest.h>

#include "scored_group.h"

namespace lathe::transform {
namespace {

TEST(BatchNormScale, SumsTheScalesOfTheNorms) {
    graph::Graph graph = test::residualModel();
    graph.value(*graph.findValue("bn1.weight")).data = tensor::Tensor::of<float>({5}, {1, -2, 0, 0.5F, 0.25F});
    graph.value(*graph.findValue("bn2.weight")).data = tensor::Tensor::of<float>({5}, {-1, 1, 0.125F, 4, 0});
    const test::ScoredGroup tried(graph);
    EXPECT_EQ(batchNormScale.ofWeights(tried.weights), (std::vector<double>{2, 3, 0.125, 4.5, 0.25}));
}

TEST(BatchNormScale, SaysNothingWithoutANorm) {
    const test::ScoredGroup tried(support::lenet5());
    EXPECT_TRUE(batchNormScale.ofWeights(tried.weights).empty());
}

} // namespace
} // namespace lathe::transform
