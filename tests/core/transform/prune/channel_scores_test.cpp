#include <core/transform/prune/channel_scores.h>

#include <gtest/gtest.h>

#include <core/graph/operators/call.h>
#include <core/transform/prune/criteria/fisher.h>
#include <core/transform/prune/criteria/l1_norm.h>
#include <core/transform/prune/criteria/mean_activation.h>

#include "criteria/scored_group.h"

namespace lathe::transform {
namespace {

TEST(ChannelScores, OfWeightsAreThoseOfTheCriterion) {
    const graph::Graph graph = support::lenet5();
    const auto groups = dependencyGroups(graph);
    ChannelScores scores(graph, groups, l1Norm);
    EXPECT_TRUE(scores.values().empty());
    for (std::size_t at = 0; at < groups.size(); ++at) {
        const test::ScoredGroup alone(graph, at);
        EXPECT_EQ(*scores.of(at), l1Norm.ofWeights(alone.weights));
    }
}

TEST(ChannelScores, ObservesWhatTheReadersGet) {
    const graph::Graph graph = support::lenet5();
    const auto groups = dependencyGroups(graph);
    ChannelScores scores(graph, groups, meanActivation);
    std::vector<std::string> names;
    for (const graph::ValueId value : scores.values())
        names.push_back(graph.value(value).name);
    // Of conv1, conv2, fc1 and fc2: what conv2, fc1, fc2 and fc3 read. fc3 itself is an output.
    ASSERT_EQ(names.size(), 4U);
    for (const char* layer : {"conv2", "fc1", "fc2", "fc3"})
        EXPECT_NE(std::ranges::find(names, graph.value(*graph::mainInput(*graph.findNode(layer))).name), names.end()) << layer;

    const graph::ValueId read = *graph::mainInput(*graph.findNode("conv2"));
    std::vector<float> image(6 * 4, 1);
    image[5 * 4] = -9;
    scores.addActivity(read, tensor::Tensor::of<float>({1, 6, 2, 2}, image));
    EXPECT_EQ(*scores.of(0), (std::vector<double>{1, 1, 1, 1, 1, 3}));
    EXPECT_TRUE(scores.of(1)->empty()); // nothing was shown
}

TEST(ChannelScores, AsksForGradientsOfEachWeightOnce) {
    const graph::Graph graph = test::residualModel();
    const auto groups = dependencyGroups(graph);
    ChannelScores scores(graph, groups, fisher);
    const auto weights = scores.weights();
    ASSERT_TRUE(weights);
    EXPECT_EQ(std::ranges::count(*weights, *graph.findValue("b.weight")), 1); // it both makes and reads the channels

    const test::ScoredGroup alone(graph);
    std::vector<double> expected(5, 0);
    for (const unsigned sample : {1U, 2U}) {
        const auto numbers = alone.gradients(sample);
        fisher.addGradients(alone.weights, {numbers.begin(), numbers.end()}, expected);
        std::vector<tensor::Tensor> gradients;
        for (const graph::ValueId weight : *weights) {
            const tensor::Shape& shape = graph.value(weight).data.shape();
            gradients.push_back(support::randomTensor(shape, sample + static_cast<unsigned>(weight)));
        }
        scores.addGradients(gradients);
    }
    EXPECT_EQ(*scores.of(0), expected);
}

} // namespace
} // namespace lathe::transform
