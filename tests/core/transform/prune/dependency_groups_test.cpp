#include <core/transform/prune/dependency_groups.h>

#include <algorithm>
#include <ctime>
#include <map>

#include <gtest/gtest.h>

#include <core/graph/operands.h>
#include <tests/support/graphs.h>
#include <tests/support/known_shape.h>
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

TEST(DependencyGroups, PassThroughWhatIsPickedAlongOtherAxes) {
    // conv (1, 4, 6, 6) → what is tested → mean over all but the channels → linear
    struct Case {
        const char* name;
        const char* op;
        std::vector<graph::Operand> operands; ///< behind the first
        std::vector<std::int64_t> sizes;      ///< of the result
        std::vector<std::int64_t> others;     ///< its axes without channels
        const char* obstacle = "";
    };
    const auto ints = [](std::vector<std::int64_t> numbers) { return graph::Operand(graph::Literal(std::move(numbers))); };
    const auto number = [](std::int64_t value) { return graph::Operand(graph::Literal(value)); };
    const graph::Operand none;
    const graph::ValueId two = -2; // stands for two indices
    const std::vector<Case> cases{
        {"select", "aten::select.int", {number(2), number(-1)}, {1, 4, 6}, {2}},
        {"index_select", "aten::index_select", {number(3), two}, {1, 4, 6, 2}, {2, 3}},
        {"index behind", "aten::index.Tensor", {std::vector<graph::Operand>{none, none, two}}, {1, 4, 2, 6}, {2, 3}},
        {"index of both", "aten::index.Tensor", {std::vector<graph::Operand>{none, none, two, two}}, {1, 4, 2}, {2}},
        {"index in front", "aten::index.Tensor", {std::vector<graph::Operand>{two}}, {2, 4, 6, 6}, {2, 3}},
        {"index apart", "aten::index.Tensor", {std::vector<graph::Operand>{two, none, two}}, {2, 4, 6}, {2}},
        {"roll", "aten::roll", {ints({1, 2}), ints({-1, 2})}, {1, 4, 6, 6}, {2, 3}},
        {"flip", "aten::flip", {ints({3})}, {1, 4, 6, 6}, {2, 3}},
        {"index of channels",
         "aten::index.Tensor",
         {std::vector<graph::Operand>{none, two}},
         {1, 2, 6, 6},
         {2, 3},
         "\"pick\" picks single channels"},
        {"roll of channels", "aten::roll", {ints({1}), ints({1})}, {1, 4, 6, 6}, {2, 3}, "\"pick\" (aten::roll) may mix channels"},
        {"roll of all", "aten::roll", {ints({1}), ints({})}, {1, 4, 6, 6}, {2, 3}, "\"pick\" (aten::roll) may mix channels"},
    };
    for (const Case& test : cases) {
        SCOPED_TRACE(test.name);
        ModelBuilder model({1, 2, 6, 6});
        const auto made = model.convolution("a", model.input(), 2, 4, {.padding = 1});
        graph::Graph& graph = model.graph;
        const auto indices = graph.addWeight("indices", tensor::Tensor::of<std::int64_t>({2}, {0, 0}));
        std::vector<graph::Operand> operands{made};
        for (graph::Operand operand : test.operands) {
            graph::forEachValue(operand, [&](graph::ValueId& id) { id = id == two ? indices : id; });
            operands.push_back(std::move(operand));
        }
        const auto shaped = [&](graph::ValueId value, const tensor::Shape& sizes) { return support::withShape(graph, value, sizes); };
        shaped(model.input(), {1, 2, 6, 6});
        shaped(made, {1, 4, 6, 6});
        const auto picked = shaped(graph.addNode(test.op, "pick", operands).results[0], test.sizes);
        const auto mean = shaped(
            graph.addNode("aten::mean.dim", "mean", {picked, ints(test.others), graph::Operand(graph::Literal(false)), none}).results[0],
            {test.sizes[0], test.sizes[1]});
        graph.main.outputs = {shaped(model.linear("fc", mean, test.sizes[1], 3), {test.sizes[0], 3})};
        const auto groups = dependencyGroups(graph);
        const DependencyGroup& group = *groupOf(groups, "a");
        EXPECT_EQ(group.obstacle.text(), test.obstacle);
        EXPECT_EQ(group.affected, group.obstacle.empty() ? (Names{"a", "fc"}) : (Names{"a"}));
    }
}

TEST(DependencyGroups, ATensorMayGetTheShapeOfAnother) {
    ModelBuilder model({1, 2, 6, 6});
    graph::Graph& graph = model.graph;
    const auto shaped = [&](graph::ValueId value, const tensor::Shape& sizes) { return support::withShape(graph, value, sizes); };
    shaped(model.input(), {1, 2});
    const auto made = shaped(model.linear("a", model.input(), 2, 4), {1, 4});
    const auto turned = shaped(model.node("aten::t", "t", {made}), {4, 1});
    const auto flat = shaped(model.node("aten::flatten.using_ints", "flat", {turned}), {4});
    const auto back = shaped(model.node("aten::reshape_as", "back", {flat, made}), {1, 4});
    graph.main.outputs = {shaped(model.linear("fc", back, 4, 3), {1, 3})};
    const auto groups = dependencyGroups(graph);
    const DependencyGroup& group = *groupOf(groups, "a");
    EXPECT_EQ(group.obstacle, "");
    EXPECT_EQ(group.affected, (Names{"a", "fc"}));
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

/// Nodes with shapes that are told.
struct Shaped {
    graph::Graph graph;
    graph::ValueId add(const char* op, const std::string& name, std::vector<graph::Operand> operands, std::vector<tensor::Shape> shapes) {
        const auto results = graph.addNode(op, name, std::move(operands), static_cast<int>(shapes.size())).results;
        for (std::size_t result = 0; result < shapes.size(); ++result)
            graph.value(results[result]).shape = graph::dims(shapes[result]);
        return results.front();
    }
    graph::ValueId weight(const std::string& name, const tensor::Shape& shape) {
        const auto id = graph.addWeight(name, support::randomTensor(shape, 1));
        graph.value(id).shape = graph::dims(shape);
        return id;
    }
    graph::ValueId input(const tensor::Shape& shape) {
        const auto id = graph.addInput("x");
        graph.value(id).shape = graph::dims(shape);
        return id;
    }
};

/// A GRU of two layers and two directions with three units, from zeros, whose features and last states a linear layer each reads.
graph::Graph recurrent() {
    Shaped model;
    std::vector<graph::Operand> parameters;
    for (const std::int64_t inputs : {4, 4, 6, 6}) {
        const std::string name = "w" + std::to_string(parameters.size());
        parameters.emplace_back(model.weight(name + "i", {9, inputs}));
        parameters.emplace_back(model.weight(name + "h", {9, 3}));
    }
    const auto x = model.input({2, 5, 4});
    const auto zeros = model.add("aten::zeros", "zeros", {support::ints({4, 2, 3})}, {{4, 2, 3}});
    const graph::Operand yes = graph::Literal(true), no = graph::Literal(false);
    const auto features =
        model.add("aten::gru.input", "gru", {x, zeros, parameters, no, support::number(2), graph::Literal(0.0), no, yes, yes},
                  {{2, 5, 6}, {4, 2, 3}});
    const auto states = model.graph.findNode("gru")->results[1];
    const auto fc = model.add("aten::linear", "fc", {features, model.weight("fc.weight", {7, 6}), graph::Operand()}, {{2, 5, 7}});
    const auto last = model.add("aten::linear", "last", {states, model.weight("last.weight", {8, 3}), graph::Operand()}, {{4, 2, 8}});
    model.graph.main.outputs = {fc, last};
    return model.graph;
}

TEST(DependencyGroups, UnitsOfARecurrentLayerGoFromAllLayersAndDirections) {
    const graph::Graph graph = recurrent();
    const auto groups = dependencyGroups(graph);
    const DependencyGroup& group = *groupOf(groups, "gru");
    EXPECT_EQ(group.obstacle, "");
    EXPECT_EQ(group.channels, 3);
    EXPECT_EQ(group.affected, (Names{"gru", "fc", "last"}));
    std::map<std::pair<std::string, int>, ChannelMap> slices;
    for (const WeightSlice& slice : group.weights)
        slices[{graph.value(slice.weight).name, slice.axis}] = slice.channels;
    EXPECT_EQ(slices.size(), 16U); // rows and columns of four state matrices, rows of four and columns of two others, two readers
    const ChannelMap gates{0, 1, 2, 0, 1, 2, 0, 1, 2}, both{0, 1, 2, 0, 1, 2}, own{0, 1, 2};
    EXPECT_EQ((slices[{"w0i", 0}]), gates);
    EXPECT_EQ((slices[{"w2h", 0}]), gates);
    EXPECT_EQ((slices[{"w2h", 1}]), own);
    EXPECT_EQ((slices[{"w4i", 1}]), both);
    EXPECT_FALSE(slices.contains({"w0i", 1}));
    EXPECT_EQ((slices[{"fc.weight", 1}]), both);
    EXPECT_EQ((slices[{"last.weight", 1}]), own);
    ASSERT_EQ(group.literals.size(), 1U); // of the zeros
    EXPECT_EQ(group.literals[0].node, "zeros");
    EXPECT_EQ(group.literals[0].element, 2);
}

TEST(DependencyGroups, AStateThatComesFromOutsideKeepsItsUnits) {
    graph::Graph graph = recurrent();
    graph.findNode("gru")->operands[1] = graph.addInput("h");
    graph.value(*graph.findValue("h")).shape = graph::dims({4, 2, 3});
    EXPECT_EQ(obstacleOf(graph, "gru"), "\"h\" is an input of the model");
}

/// A table of words → layer norm → linear → added to the words → layer norm → linear.
graph::Graph stream() {
    Shaped model;
    const auto norm = [&](const std::string& name, graph::ValueId x) {
        return model.add("aten::layer_norm", name,
                         {x, support::ints({4}), model.weight(name + ".weight", {4}), model.weight(name + ".bias", {4}),
                          graph::Literal(1e-5), graph::Literal(false)},
                         {{1, 3, 4}});
    };
    const auto linear = [&](const std::string& name, graph::ValueId x, std::int64_t from, std::int64_t to) {
        return model.add("aten::linear", name, {x, model.weight(name + ".weight", {to, from}), graph::Operand()}, {{1, 3, to}});
    };
    const auto words = model.add("aten::embedding", "words", {model.weight("table", {20, 4}), model.input({1, 3})}, {{1, 3, 4}});
    const auto inner = linear("out", linear("in", norm("norm1", words), 4, 6), 6, 4);
    const auto sum = model.add("aten::add.Tensor", "add", {words, inner, support::number(1)}, {{1, 3, 4}});
    model.graph.main.outputs = {linear("head", norm("norm2", sum), 4, 5)};
    return model.graph;
}

TEST(DependencyGroups, LayerNormsStopAWidthOrGoWithIt) {
    EXPECT_EQ(obstacleOf(stream(), "words"), "\"norm1\" (aten::layer_norm) may mix channels");
    EXPECT_NE(obstacleOf(stream(), "out").find("(aten::layer_norm) may mix channels"), std::string::npos);
    const graph::Graph graph = stream();
    const auto groups = dependencyGroups(graph, {}, LayerNorms::Follow);
    const DependencyGroup& group = *groupOf(groups, "words");
    EXPECT_EQ(group.obstacle, "");
    EXPECT_EQ(group.producers, (Names{"words", "out"}));
    EXPECT_EQ(group.affected, (Names{"words", "norm1", "in", "out", "norm2", "head"}));
    ASSERT_EQ(group.literals.size(), 2U);
    EXPECT_EQ(groupOf(groups, "in")->obstacle, "");
    EXPECT_EQ(groupOf(groups, "in")->channels, 6);
}

TEST(DependencyGroups, ChannelsMade) {
    const graph::Graph graph = recurrent(), words = stream();
    const graph::UseIndex uses(graph), usesOfWords(words);
    EXPECT_EQ(channelsMadeBy(graph, uses, *graph.findNode("gru")), 3);
    EXPECT_EQ(channelsMadeBy(graph, uses, *graph.findNode("fc")), 7);
    EXPECT_EQ(channelsMadeBy(graph, uses, *graph.findNode("zeros")), std::nullopt);
    EXPECT_EQ(channelsMadeBy(words, usesOfWords, *words.findNode("words")), 4);
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
