#include <core/transform/share/alike_weights.h>

#include <gtest/gtest.h>

#include <tests/support/graphs.h>

namespace lathe::transform {
namespace {

using graph::ValueId;
using Groups = std::vector<std::vector<ValueId>>;

/// a, b, a, 1.01·a, a in another shape, a with a NaN.
struct Weights {
    graph::Graph graph;
    std::vector<ValueId> ids;

    Weights() {
        const tensor::Tensor a = support::randomTensor({4, 6}, 1);
        std::vector<float> near = a.toFloats(), broken = near;
        for (float& value : near)
            value *= 1.01F;
        broken[3] = std::numeric_limits<float>::quiet_NaN();
        add(a);
        add(support::randomTensor({4, 6}, 2));
        add(tensor::Tensor::of({4, 6}, a.toFloats()));
        add(tensor::Tensor::of({4, 6}, near));
        add(tensor::Tensor::of({6, 4}, a.toFloats()));
        add(tensor::Tensor::of({4, 6}, broken));
    }
    void add(tensor::Tensor data) { ids.push_back(graph.addWeight("w" + std::to_string(ids.size()), std::move(data))); }
};

TEST(AlikeWeights, WithoutToleranceAreEqual) {
    const Weights weights;
    EXPECT_EQ(alikeWeights(weights.graph, weights.ids, 0), (Groups{{weights.ids[0], weights.ids[2]}}));
}

TEST(AlikeWeights, DifferByAShareOfTheirNorm) {
    const Weights weights;
    const std::vector<ValueId>& w = weights.ids;
    EXPECT_EQ(alikeWeights(weights.graph, w, 0.009), (Groups{{w[0], w[2]}}));
    EXPECT_EQ(alikeWeights(weights.graph, w, 0.011), (Groups{{w[0], w[2], w[3]}}));
    EXPECT_TRUE(alikeWeights(weights.graph, {w[1], w[3]}, 0.5).empty());
    EXPECT_TRUE(alikeWeights(weights.graph, {}, 1).empty());
}

TEST(AlikeWeights, BecomeTheirMean) {
    graph::Graph graph;
    const auto a = graph.addWeight("a", tensor::Tensor::of<float>({2, 1}, {1, 4})),
               b = graph.addWeight("b", tensor::Tensor::of<float>({2, 1}, {3, -4}));
    EXPECT_EQ(meanWeight(graph, {a, b}), (std::vector<float>{2, 0}));
}

} // namespace
} // namespace lathe::transform
