#include <core/transform/prune/dependency_groups.h>

#include <algorithm>
#include <ctime>

#include <gtest/gtest.h>

#include <tests/support/graphs.h>
#include <tests/support/reference_interpreter.h>
#include <tests/support/transformer.h>

namespace lathe::transform {
namespace {

using Names = std::vector<std::string>;
using support::ModelBuilder;

const DependencyGroup* groupOf(const std::vector<DependencyGroup>& groups, const std::string& layer) {
    const auto found = std::ranges::find_if(
        groups, [&](const DependencyGroup& group) { return std::ranges::find(group.producers, layer) != group.producers.end(); });
    return found == groups.end() ? nullptr : &*found;
}

std::string obstacleOf(const graph::Graph& graph, const std::string& layer) {
    const auto groups = dependencyGroups(graph);
    const DependencyGroup* group = groupOf(groups, layer);
    return group == nullptr ? "no group" : group->obstacle.text();
}

TEST(DependencyGroups, OfLeNet5) {
    const auto groups = dependencyGroups(support::lenet5());
    ASSERT_EQ(groups.size(), 5U);
    EXPECT_EQ(groupOf(groups, "conv1")->affected, (Names{"conv1", "conv2"}));
    EXPECT_EQ(groupOf(groups, "fc1")->affected, (Names{"fc1", "fc2"}));
    EXPECT_EQ(groupOf(groups, "fc3")->obstacle, "\"fc3_out\" is an output of the model");

    const DependencyGroup& conv2 = *groupOf(groups, "conv2");
    EXPECT_EQ(conv2.channels, 16);
    EXPECT_EQ(conv2.affected, (Names{"conv2", "fc1"}));
    const auto fc1 = std::ranges::find(conv2.weights, SliceRole::Input, &WeightSlice::role);
    ASSERT_NE(fc1, conv2.weights.end());
    ASSERT_EQ(fc1->channels.size(), 400U);
    EXPECT_EQ(fc1->channels[24], 0);
    EXPECT_EQ(fc1->channels[25], 1);
    EXPECT_EQ(fc1->channels[399], 15);
}

TEST(DependencyGroups, AdditionCouplesLayers) {
    ModelBuilder model({1, 2, 6, 6});
    const auto a = model.convolution("a", model.input(), 2, 4, {.padding = 1});
    const auto b = model.batchNorm("bn", model.convolution("b", a, 4, 4, {.padding = 1}), 4);
    const auto sum = model.relu("relu", model.add("add", b, a));
    const auto graph = model.finish(model.convolution("c", sum, 4, 3));
    const auto groups = dependencyGroups(graph);
    const DependencyGroup& group = *groupOf(groups, "a");
    EXPECT_EQ(group.obstacle, "");
    EXPECT_EQ(group.producers, (Names{"a", "b"}));
    EXPECT_EQ(group.affected, (Names{"a", "b", "bn", "c"}));
    EXPECT_EQ(groupOf(groups, "b"), &group);
}

TEST(DependencyGroups, ConcatenationOffsetsChannels) {
    ModelBuilder model({1, 2, 6, 6});
    const auto a = model.convolution("a", model.input(), 2, 3), b = model.convolution("b", model.input(), 2, 2);
    const auto joined = model.concatenate("cat", {a, b}, 1);
    const auto graph = model.finish(model.convolution("c", joined, 5, 2));
    const auto groups = dependencyGroups(graph);
    const DependencyGroup& group = *groupOf(groups, "b");
    EXPECT_EQ(group.obstacle, "");
    const auto reader = std::ranges::find(group.weights, SliceRole::Input, &WeightSlice::role);
    ASSERT_NE(reader, group.weights.end());
    EXPECT_EQ(reader->channels, (ChannelMap{noChannel, noChannel, noChannel, 0, 1}));
}

TEST(DependencyGroups, AddingToAConcatenationJoinsAllParts) {
    ModelBuilder model({1, 2, 6, 6});
    const auto a = model.convolution("a", model.input(), 2, 3), b = model.convolution("b", model.input(), 2, 2);
    const auto whole = model.convolution("whole", model.input(), 2, 5);
    const auto sum = model.add("add", model.concatenate("cat", {a, b}, 1), whole);
    const auto groups = dependencyGroups(model.finish(model.convolution("c", sum, 5, 2)));
    const DependencyGroup& group = *groupOf(groups, "a");
    EXPECT_EQ(group.obstacle, "");
    EXPECT_EQ(group.channels, 5);
    EXPECT_EQ(group.producers, (Names{"a", "b", "whole"}));
}

TEST(DependencyGroups, PassesThroughDepthwiseConvolutions) {
    ModelBuilder model({1, 2, 6, 6});
    auto x = model.convolution("point", model.input(), 2, 4, {.kernel = 1});
    x = model.convolution("depth", x, 4, 4, {.groups = 4});
    const auto groups = dependencyGroups(model.finish(model.convolution("next", x, 4, 2)));
    const DependencyGroup& group = *groupOf(groups, "point");
    EXPECT_EQ(group.obstacle, "");
    EXPECT_EQ(group.affected, (Names{"point", "depth", "next"}));
    ASSERT_EQ(group.literals.size(), 1U);
    EXPECT_EQ(group.literals[0].node, "depth");
    EXPECT_EQ(group.literals[0].operand, 6);
}

TEST(DependencyGroups, FindsTheFeatureCountInTheShapeOfAView) {
    ModelBuilder model({1, 2, 6, 6});
    const auto conv = model.convolution("conv", model.input(), 2, 4);
    const auto fixed = model.node("aten::view", "view", {conv, support::ints({-1, 64})});
    const auto groups = dependencyGroups(model.finish(model.linear("fc", fixed, 64, 2)));
    ASSERT_EQ(groupOf(groups, "conv")->literals.size(), 1U);
    EXPECT_EQ(groupOf(groups, "conv")->literals[0].element, 1);

    ModelBuilder free({1, 2, 6, 6});
    const auto other = free.convolution("conv", free.input(), 2, 4);
    const auto open = free.node("aten::view", "view", {other, support::ints({1, -1})});
    const auto openGroups = dependencyGroups(free.finish(free.linear("fc", open, 64, 2)));
    EXPECT_EQ(groupOf(openGroups, "conv")->obstacle, "");
    EXPECT_TRUE(groupOf(openGroups, "conv")->literals.empty());
}

TEST(DependencyGroups, ASizeThatIsComputedGoesOnToCountChannels) {
    ModelBuilder model({1, 6});
    const auto hidden = model.linear("hidden", model.input(), 6, 6);
    const auto view = model.node("aten::reshape", "view", {hidden, support::ints({1, 6})});
    graph::Graph graph = model.finish(model.linear("fc", view, 6, 2));
    const auto size = graph.addInput("size", graph::TypeKind::Int);
    graph.findNode("view")->operands[1] = std::vector<graph::Operand>{support::number(1), size};
    const auto groups = dependencyGroups(graph);
    ASSERT_EQ(groupOf(groups, "hidden")->literals.size(), 1U);
    EXPECT_EQ(groupOf(groups, "hidden")->literals[0].element, 1);
    EXPECT_TRUE(groupOf(groups, "hidden")->literals[0].isComputed);
}

TEST(DependencyGroups, PassesThroughAMeanOverTheImage) {
    ModelBuilder model({1, 2, 6, 6});
    const auto conv = model.convolution("conv", model.input(), 2, 4);
    const auto mean = model.node("aten::mean.dim", "mean", {conv, support::ints({2, 3}), graph::Literal(false), graph::Operand()});
    const auto groups = dependencyGroups(model.finish(model.linear("fc", mean, 4, 2)));
    EXPECT_EQ(groupOf(groups, "conv")->affected, (Names{"conv", "fc"}));
}

TEST(DependencyGroups, GroupsOfAConvolutionGoAsAWhole) {
    ModelBuilder model({1, 4, 6, 6});
    const auto a = model.convolution("a", model.input(), 4, 4);
    const auto grouped = model.convolution("g", a, 4, 6, {.groups = 2});
    const auto groups = dependencyGroups(model.finish(model.convolution("b", grouped, 6, 2, {.kernel = 1})));
    const DependencyGroup& group = *groupOf(groups, "a");
    EXPECT_EQ(group.obstacle, "");
    EXPECT_EQ(group.channels, 2);
    EXPECT_EQ(group.affected, (Names{"a", "g", "b"}));
    const auto reader = std::ranges::find(group.weights, "b", &WeightSlice::node);
    ASSERT_NE(reader, group.weights.end());
    EXPECT_EQ(reader->channels, (ChannelMap{0, 0, 0, 1, 1, 1}));
    ASSERT_EQ(group.literals.size(), 1U);
    EXPECT_EQ(group.literals[0].channels, (ChannelMap{0, 1}));
}

TEST(DependencyGroups, SaysWhyChannelsCannotGo) {
    ModelBuilder residual({1, 2, 6, 6});
    const auto b = residual.convolution("b", residual.input(), 2, 2, {.padding = 1});
    EXPECT_EQ(obstacleOf(residual.finish(residual.convolution("c", residual.add("add", b, residual.input()), 2, 2)), "b"),
              "\"x\" is an input of the model");

    ModelBuilder strange({1, 2, 6, 6});
    const auto c = strange.convolution("c", strange.input(), 2, 2);
    graph::Graph graph = strange.finish(strange.convolution("d", strange.relu("odd", c), 2, 2));
    graph.findNode("odd")->op = "aten::softmax.int";
    EXPECT_EQ(obstacleOf(graph, "c"), "\"odd\" (aten::softmax.int) may mix channels");

    ModelBuilder shared({1, 2, 6, 6});
    const auto first = shared.convolution("first", shared.input(), 2, 2, {.padding = 1});
    auto operands = shared.graph.findNode("first")->operands;
    operands[0] = first;
    EXPECT_EQ(obstacleOf(shared.finish(shared.convolution("last", shared.node("aten::conv2d", "second", operands), 2, 2)), "first"),
              "\"first.weight\" is used in several places");

    graph::Graph unknown = support::lenet5();
    unknown.value(unknown.findNode("relu1")->results[0]).shape.reset();
    EXPECT_EQ(obstacleOf(unknown, "conv1"), "the shape of \"relu1_out\" is not known");
}

/// Convolutions of a residual stream that ends in an output of the model.
graph::Graph residualStream(int blocks) {
    ModelBuilder model({1, 4, 4, 4});
    auto x = model.convolution("first", model.input(), 4, 4, {.padding = 1});
    for (int i = 0; i < blocks; ++i)
        x = model.add("add" + std::to_string(i), x, model.convolution("conv" + std::to_string(i), x, 4, 4, {.padding = 1}));
    return model.finish(x);
}

TEST(DependencyGroups, WhatStopsAStreamStopsAllItsLayers) {
    const auto groups = dependencyGroups(residualStream(3));
    ASSERT_EQ(groups.size(), 4U);
    for (const char* layer : {"first", "conv0", "conv1", "conv2"}) {
        ASSERT_NE(groupOf(groups, layer), nullptr) << layer;
        EXPECT_EQ(groupOf(groups, layer)->obstacle, "\"add2_out\" is an output of the model");
        EXPECT_EQ(groupOf(groups, layer)->producers, Names{layer});
    }
}

TEST(DependencyGroups, TakeTimeThatIsLinearInTheGraph) {
    const auto secondsFor = [](const graph::Graph& graph) {
        const std::clock_t begin = std::clock();
        EXPECT_FALSE(dependencyGroups(graph).empty());
        return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    };
    // Ten times the nodes: 10 times the time, where a walk of all for each would take 100 times.
    EXPECT_LT(secondsFor(support::transformer(10'016)), 40 * std::max(secondsFor(support::transformer(1016)), 0.002));
    EXPECT_LT(secondsFor(residualStream(1000)), 40 * std::max(secondsFor(residualStream(100)), 0.002));
}

} // namespace
} // namespace lathe::transform
