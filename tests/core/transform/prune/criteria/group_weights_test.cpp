#include <core/transform/prune/criteria/group_weights.h>

#include <cmath>

#include <gtest/gtest.h>

#include "scored_group.h"

namespace lathe::transform {
namespace {

TEST(GroupWeights, GivesEachElementOfAChannelOnce) {
    const test::ScoredGroup tried;
    for (std::size_t i = 0; i < tried.group.weights.size(); ++i) {
        std::vector<std::vector<std::size_t>> found(5);
        tried.weights.forEachElement(i, [&](std::size_t channel, std::size_t at) { found[channel].push_back(at); });
        for (std::size_t channel = 0; channel < 5; ++channel) {
            std::vector<std::size_t> expected;
            for (const auto& [value, at] : tried.elementsOf(tried.group.weights[i], channel)) {
                expected.push_back(at);
                EXPECT_EQ(static_cast<double>(tried.weights.values[i][at]), value);
            }
            EXPECT_EQ(found[channel], expected) << i << " " << channel;
        }
    }
}

TEST(GroupWeights, PassesOverWhatIsOfNoChannel) {
    support::ModelBuilder model({1, 2, 6, 6});
    const auto a = model.convolution("a", model.input(), 2, 3), b = model.convolution("b", model.input(), 2, 2);
    const auto joined = model.concatenate("cat", {a, b}, 1);
    const test::ScoredGroup tried(model.finish(model.convolution("c", joined, 5, 2, {.kernel = 1})), 1);
    ASSERT_EQ(tried.group.layer, "b");
    const auto reader = std::ranges::find(tried.group.weights, SliceRole::Input, &WeightSlice::role);
    std::vector<std::size_t> places;
    tried.weights.forEachElement(static_cast<std::size_t>(reader - tried.group.weights.begin()),
                                 [&](std::size_t, std::size_t at) { places.push_back(at); });
    EXPECT_EQ(places, (std::vector<std::size_t>{3, 4, 8, 9}));
}

TEST(GroupWeights, RefusesNaN) {
    graph::Graph graph = support::lenet5();
    graph.value(*graph.findValue("conv1.bias")).data = tensor::Tensor::of<float>({6}, std::vector<float>(6, std::nanf("")));
    const graph::NodeIndex nodes(graph);
    const auto groups = dependencyGroups(graph);
    const auto weights = GroupWeights::of(graph, nodes, groups.front());
    ASSERT_FALSE(weights);
    EXPECT_NE(weights.error().text().find("conv1.bias"), std::string::npos);
}

} // namespace
} // namespace lathe::transform
