#include <core/transform/prune/constant_channels.h>

#include <algorithm>

#include <gtest/gtest.h>

#include <core/graph/operators/call.h>
#include <tests/support/graphs.h>
#include <tests/support/reference_interpreter.h>

namespace lathe::transform {
namespace {

using support::ModelBuilder;
using How = FoldedConstants::How;

base::Result<std::vector<tensor::Tensor>> evaluate(const graph::Graph& graph, const graph::Node& node) {
    graph::Graph single = graph;
    single.main.inputs.clear(); // a weight stands in its place
    (void)single.addInput("unread");
    single.main.nodes = {node};
    single.main.outputs = {node.results.front()};
    const support::Numbers result = support::interpret(single, {{1}, {0}});
    return std::vector{tensor::Tensor::of<float>(result.shape, std::vector<float>(result.values.begin(), result.values.end()))};
}

void setRow(graph::Graph& graph, const std::string& weight, std::size_t row, float number) {
    tensor::Tensor& data = graph.value(*graph.findValue(weight)).data;
    std::vector<float> numbers = data.toFloats();
    const std::size_t size = numbers.size() / static_cast<std::size_t>(data.shape().front());
    std::fill_n(numbers.begin() + static_cast<std::ptrdiff_t>(row * size), size, number);
    data = tensor::Tensor::of<float>(data.shape(), numbers);
}

struct Pruned {
    graph::Graph graph;
    std::vector<FoldedConstants> folded;
};

/// Without channel 1 of the group of this layer.
Pruned pruned(const graph::Graph& before, const std::string& layer = "a") {
    std::vector<DependencyGroup> groups = dependencyGroups(before);
    std::vector<GroupChoice> choices;
    for (const DependencyGroup& group : groups) {
        GroupChoice choice{&group, std::vector<bool>(static_cast<std::size_t>(group.channels), false)};
        EXPECT_TRUE(group.layer != layer || group.obstacle.empty()) << group.obstacle.text();
        if (group.layer == layer) choice.isRemoved[1] = true;
        choices.push_back(std::move(choice));
    }
    Pruned result{before, {}};
    result.folded = foldConstantChannels(result.graph, groups, choices, evaluate);
    Removal(choices).applyTo(result.graph);
    const auto verified = graph::verify(result.graph);
    EXPECT_TRUE(verified) << verified.error().text();
    return result;
}

support::Numbers outputOf(const graph::Graph& graph, const tensor::Shape& input) {
    return support::interpret(graph, support::randomNumbers(input, 3));
}

void expectSame(const graph::Graph& before, const graph::Graph& after, const tensor::Shape& input) {
    EXPECT_LT(support::maxDifference(outputOf(before, input), outputOf(after, input)), 1e-5);
}

TEST(ConstantChannels, ZeroFilterThroughReluPoolAndFlatten) {
    ModelBuilder model({2, 1, 10, 10});
    const auto x = model.maxPool("pool", model.relu("relu", model.convolution("a", model.input(), 1, 4)));
    graph::Graph before = model.finish(model.linear("fc", model.flatten("flatten", x), 64, 3));
    setRow(before, "a.weight", 1, 0);
    setRow(before, "a.bias", 1, 0.75F);
    const Pruned after = pruned(before);
    ASSERT_EQ(after.folded.size(), 1U);
    EXPECT_EQ(after.folded[0].reader, "fc");
    EXPECT_EQ(after.folded[0].channels, 1U);
    EXPECT_EQ(after.folded[0].how, How::Exact);
    expectSame(before, after.graph, {2, 1, 10, 10});
}

TEST(ConstantChannels, WhatReluCutsIsNobodysLoss) {
    ModelBuilder model({1, 1, 10, 10});
    const auto x = model.relu("relu", model.convolution("a", model.input(), 1, 4));
    graph::Graph before = model.finish(model.convolution("b", x, 4, 3));
    setRow(before, "a.weight", 1, 0);
    setRow(before, "a.bias", 1, -0.75F);
    const Pruned after = pruned(before);
    EXPECT_TRUE(after.folded.empty());
    expectSame(before, after.graph, {1, 1, 10, 10});
}

TEST(ConstantChannels, NormThatScalesByZeroIntoAConvolutionWithoutBias) {
    ModelBuilder model({2, 2, 8, 8});
    const auto x = model.relu("relu", model.batchNorm("bn", model.convolution("a", model.input(), 2, 4, {.hasBias = false}), 4));
    const auto y = model.convolution("b", x, 4, 5, {.hasBias = false});
    graph::Graph before = model.finish(model.convolution("c", y, 5, 2));
    setRow(before, "bn.weight", 1, 0);
    setRow(before, "bn.bias", 1, 0.5F);
    const Pruned after = pruned(before);
    ASSERT_EQ(after.folded.size(), 1U);
    EXPECT_EQ(after.folded[0].how, How::Exact);
    expectSame(before, after.graph, {2, 2, 8, 8});
}

TEST(ConstantChannels, ABiasThatIsMadeShrinksWithItsLayer) {
    ModelBuilder model({1, 2, 8, 8});
    const auto x = model.convolution("b", model.convolution("a", model.input(), 2, 4), 4, 5, {.hasBias = false});
    graph::Graph before = model.finish(model.convolution("c", x, 5, 2));
    setRow(before, "a.weight", 1, 0);
    setRow(before, "b.weight", 3, 0);
    std::vector<DependencyGroup> groups = dependencyGroups(before);
    std::vector<GroupChoice> choices{{&groups[0], {false, true, false, false}}, {&groups[1], {false, false, false, true, false}}};
    graph::Graph after = before;
    EXPECT_EQ(foldConstantChannels(after, groups, choices, evaluate).size(), 1U);
    Removal(choices).applyTo(after);
    ASSERT_TRUE(graph::verify(after));
    EXPECT_EQ(after.value(*graph::Call(*after.findNode("b")).value("bias")).data.shape(), (tensor::Shape{4}));
    expectSame(before, after, {1, 2, 8, 8});
}

TEST(ConstantChannels, DepthwiseConvolutionOfAConstant) {
    ModelBuilder model({1, 2, 8, 8});
    const auto x = model.convolution("depth", model.convolution("a", model.input(), 2, 4), 4, 4, {.groups = 4});
    graph::Graph before = model.finish(model.convolution("b", x, 4, 2));
    setRow(before, "a.weight", 1, 0);
    const Pruned after = pruned(before);
    ASSERT_EQ(after.folded.size(), 1U);
    EXPECT_EQ(after.folded[0].reader, "b");
    expectSame(before, after.graph, {1, 2, 8, 8});
}

TEST(ConstantChannels, PartsOfAConcatenation) {
    ModelBuilder model({1, 2, 8, 8});
    const auto a = model.convolution("a", model.input(), 2, 3), b = model.convolution("b", model.input(), 2, 3);
    graph::Graph before = model.finish(model.convolution("c", model.concatenate("cat", {b, a}, 1), 6, 2));
    setRow(before, "a.weight", 1, 0);
    const Pruned after = pruned(before);
    ASSERT_EQ(after.folded.size(), 1U);
    expectSame(before, after.graph, {1, 2, 8, 8});
}

/// conv "a" → conv "b", which is added to a; both have constant filters for a channel, or only one has.
graph::Graph residual(bool areBoth) {
    ModelBuilder model({1, 2, 6, 6});
    const auto a = model.convolution("a", model.input(), 2, 4, {.kernel = 1});
    const auto sum = model.add("add", a, model.convolution("b", a, 4, 4, {.kernel = 1}));
    graph::Graph graph = model.finish(model.convolution("c", model.relu("relu", sum), 4, 3));
    setRow(graph, "a.weight", 1, 0);
    setRow(graph, "a.bias", 1, 0.5F); // relu lets the sum through
    setRow(graph, "b.bias", 1, 0.25F);
    if (areBoth) setRow(graph, "b.weight", 1, 0);
    return graph;
}

TEST(ConstantChannels, SumOfTwoConstants) {
    const graph::Graph before = residual(true);
    const Pruned after = pruned(before);
    EXPECT_EQ(after.folded.size(), 2U); // b reads what a makes, c the sum
    expectSame(before, after.graph, {1, 2, 6, 6});
}

TEST(ConstantChannels, SumWithSomethingElseIsNone) {
    const Pruned after = pruned(residual(false));
    ASSERT_EQ(after.folded.size(), 1U);
    EXPECT_EQ(after.folded[0].reader, "b");
}

TEST(ConstantChannels, ZeroPaddingMakesTheEdgesDiffer) {
    ModelBuilder model({1, 2, 8, 8});
    const auto x = model.convolution("a", model.input(), 2, 4, {.padding = 1});
    graph::Graph before = model.finish(model.convolution("b", x, 4, 3, {.padding = 1}));
    setRow(before, "a.weight", 1, 0);
    const Pruned after = pruned(before);
    ASSERT_EQ(after.folded.size(), 1U);
    EXPECT_EQ(after.folded[0].how, How::ExceptAtEdges);
    const auto all = outputOf(before, {1, 2, 8, 8}), left = outputOf(after.graph, {1, 2, 8, 8});
    double inside = 0, edge = 0;
    for (std::size_t at = 0; at < all.values.size(); ++at) {
        const std::size_t row = at / 8 % 8, column = at % 8;
        const bool isInside = row > 0 && row < 7 && column > 0 && column < 7;
        double& most = isInside ? inside : edge;
        most = std::max(most, std::abs(all.values[at] - left.values[at]));
    }
    EXPECT_LT(inside, 1e-5);
    EXPECT_GT(edge, 1e-2);
}

TEST(ConstantChannels, OtherChannelsThatGoAreNot) {
    const graph::Graph before = support::lenet5();
    EXPECT_TRUE(pruned(before, "conv1").folded.empty());
}

TEST(ConstantChannels, WhatCannotBeComputedEndsThem) {
    ModelBuilder model({1, 1, 10, 10});
    const auto x = model.relu("relu", model.convolution("a", model.input(), 1, 4));
    graph::Graph graph = model.finish(model.convolution("b", x, 4, 3));
    setRow(graph, "a.weight", 1, 0);
    std::vector<DependencyGroup> groups = dependencyGroups(graph);
    const std::vector<GroupChoice> choices{{&groups[0], {false, true, false, false}}};
    const auto refuses = [](const graph::Graph&, const graph::Node&) -> base::Result<std::vector<tensor::Tensor>> {
        return base::failure(base::ErrorCode::Unsupported, "no");
    };
    EXPECT_TRUE(foldConstantChannels(graph, groups, choices, refuses).empty());
}

} // namespace
} // namespace lathe::transform
