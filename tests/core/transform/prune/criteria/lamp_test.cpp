#include <core/transform/prune/criteria/lamp.h>

#include <cmath>

#include <gtest/gtest.h>

#include <core/transform/prune/criteria/l2_norm.h>

#include "scored_group.h"

namespace lathe::transform {
namespace {

TEST(Lamp, IsTheShareOfTheSquaresThatAreLeftWithIt) {
    const test::ScoredGroup tried;
    const std::vector<double> scores = lamp.ofWeights(tried.weights), norms = l2Norm.ofWeights(tried.weights);
    ASSERT_EQ(scores.size(), 5U);
    for (std::size_t channel = 0; channel < scores.size(); ++channel) {
        double sum = 0;
        for (const double norm : norms) {
            if (norm >= norms[channel]) sum += norm * norm;
        }
        EXPECT_NEAR(scores[channel], norms[channel] * norms[channel] / sum, 1e-12) << channel;
    }
    EXPECT_EQ(test::ranks(scores), test::ranks(norms));
    EXPECT_EQ(*std::ranges::max_element(scores), 1);
}

TEST(Lamp, EqualChannelsHaveEqualShares) {
    graph::Graph graph = test::residualModel();
    for (graph::Value& value : graph.values) {
        if (value.kind != graph::ValueKind::Weight) continue;
        value.data =
            tensor::Tensor::of<float>(value.data.shape(), std::vector<float>(static_cast<std::size_t>(value.data.elementCount()), 0.5F));
    }
    const test::ScoredGroup tried(graph);
    EXPECT_EQ(lamp.ofWeights(tried.weights), std::vector<double>(5, 0.2));
}

TEST(Lamp, ZerosAreZero) {
    graph::Graph graph = test::residualModel();
    for (graph::Value& value : graph.values) {
        if (value.kind == graph::ValueKind::Weight) value.data = tensor::Tensor::zeros(tensor::DType::Float32, value.data.shape());
    }
    const test::ScoredGroup tried(graph);
    EXPECT_EQ(lamp.ofWeights(tried.weights), std::vector<double>(5, 0));
}

} // namespace
} // namespace lathe::transform
