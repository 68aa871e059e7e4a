#include <core/transform/prune/criteria/geometric_median.h>

#include <cmath>

#include <gtest/gtest.h>

#include "scored_group.h"

namespace lathe::transform {
namespace {

TEST(GeometricMedian, SumsTheDistancesToAllOthers) {
    const test::ScoredGroup tried;
    const std::vector<double> scores = geometricMedian.ofWeights(tried.weights);
    ASSERT_EQ(scores.size(), 5U);
    for (std::size_t channel = 0; channel < scores.size(); ++channel) {
        double sum = 0;
        for (const WeightSlice& slice : tried.group.weights) {
            if (slice.role == SliceRole::Vector) continue;
            const auto own = tried.elementsOf(slice, channel);
            for (std::size_t other = 0; other < scores.size(); ++other) {
                const auto others = tried.elementsOf(slice, other);
                double squares = 0;
                for (std::size_t at = 0; at < own.size(); ++at)
                    squares += std::pow(own[at].first - others[at].first, 2);
                sum += std::sqrt(squares);
            }
        }
        EXPECT_NEAR(scores[channel], sum, 1e-9) << channel;
    }
}

TEST(GeometricMedian, TheOneInTheMiddleGoesThoughItIsLarge) {
    support::ModelBuilder model({1, 1, 4, 4});
    const auto conv = model.convolution("conv", model.input(), 1, 3, {.kernel = 1});
    graph::Graph graph = model.finish(model.convolution("next", conv, 3, 1, {.kernel = 1}));
    graph.value(*graph.findValue("conv.weight")).data = tensor::Tensor::of<float>({3, 1, 1, 1}, {8, 10, 12});
    graph.value(*graph.findValue("next.weight")).data = tensor::Tensor::of<float>({1, 3, 1, 1}, {1, 1, 1});
    const test::ScoredGroup tried(graph);
    EXPECT_EQ(geometricMedian.ofWeights(tried.weights), (std::vector<double>{6, 4, 6}));
}

} // namespace
} // namespace lathe::transform
