#include <core/transform/quantize/activation_plan.h>

#include <cmath>

#include <gtest/gtest.h>

#include <tests/support/reference_interpreter.h>

namespace lathe::transform {
namespace {

using Names = std::vector<std::string>;

Names namesOf(const graph::Graph& graph, const std::vector<graph::ValueId>& values) {
    Names names;
    for (const graph::ValueId value : values)
        names.push_back(graph.value(value).name);
    return names;
}

TEST(ActivationPlan, OfLeNet5) {
    const graph::Graph graph = support::lenet5();
    const auto classes = planActivations(graph, {"conv1", "conv2", "fc1", "fc2", "fc3"});
    ASSERT_EQ(classes.size(), 5U);
    EXPECT_EQ(namesOf(graph, classes[0].values), (Names{"x"}));
    EXPECT_EQ(namesOf(graph, classes[1].values), (Names{"conv1_out", "relu1_out", "pool1_out"}));
    EXPECT_EQ(graph.value(classes[1].observed).name, "relu1_out");
    EXPECT_EQ(namesOf(graph, classes[2].values), (Names{"conv2_out", "relu2_out", "pool2_out", "flatten_out"}));
    EXPECT_EQ(namesOf(graph, classes[4].values), (Names{"fc2_out", "relu4_out"}));
    EXPECT_EQ(classes[4].readers, (Names{"fc3"}));
}

TEST(ActivationPlan, NothingBeforeALayerThatStaysFloat) {
    const graph::Graph graph = support::lenet5();
    const auto classes = planActivations(graph, {"conv1", "fc3"});
    ASSERT_EQ(classes.size(), 2U);
    EXPECT_EQ(namesOf(graph, classes[1].values), (Names{"fc2_out", "relu4_out"}));
}

TEST(ActivationPlan, ReadersOfOneValueShareItsClass) {
    support::ModelBuilder model({1, 4});
    const auto a = model.linear("a", model.input(), 4, 3), b = model.linear("b", model.input(), 4, 3);
    const auto graph = model.finish(model.add("add", a, b));
    const auto classes = planActivations(graph, {"a", "b"});
    ASSERT_EQ(classes.size(), 2U);
    EXPECT_EQ(classes[0].readers, (Names{"a", "b"}));
}

TEST(ActivationPlan, OfTwoLayersThatAreAddedTheEarlierHandsOnBytes) {
    support::ModelBuilder model({1, 4});
    const auto a = model.linear("a", model.input(), 4, 3), b = model.linear("b", model.input(), 4, 3);
    // In either order of the operands.
    for (const bool isReversed : {false, true}) {
        support::ModelBuilder copy = model;
        const auto graph = copy.finish(isReversed ? copy.add("add", b, a) : copy.add("add", a, b));
        const auto classes = planActivations(graph, {"a", "b"});
        ASSERT_EQ(classes.size(), 2U);
        EXPECT_EQ(namesOf(graph, classes[1].values), (Names{"a_out"}));
        EXPECT_EQ(classes[1].layer, "a");
        EXPECT_TRUE(classes[1].readers.empty());
        // A layer in float hands on floats; so does one that others read too.
        EXPECT_EQ(planActivations(graph, {"b"}).size(), 1U);
        EXPECT_EQ(planActivations(graph, {"a"}).size(), 1U);
    }
    const auto both = model.add("add", a, b);
    EXPECT_EQ(planActivations(model.finish(model.add("again", both, a)), {"a", "b"}).size(), 1U);
}

TEST(ActivationPlan, OperandsOfAdditionsWhereResidualsAreQuantized) {
    // x → a → relu → b → sum → relu2 → c, and relu → sum
    support::ModelBuilder model({1, 4});
    const auto a = model.relu("relu", model.linear("a", model.input(), 4, 4));
    const auto b = model.linear("b", a, 4, 4);
    const auto sum = model.add("sum", b, a);
    const auto c = model.linear("c", model.relu("relu2", sum), 4, 4);
    const auto graph = model.finish(c);
    EXPECT_EQ(planActivations(graph, {"a", "b", "c"}).size(), 3U);
    const auto classes = planActivations(graph, {"a", "b", "c"}, Residuals::Quantized);
    ASSERT_EQ(classes.size(), 4U);
    EXPECT_EQ(namesOf(graph, classes[1].values), (Names{"a_out", "relu_out"})) << "the branch is what b reads";
    EXPECT_EQ(classes[1].layer, "b");
    EXPECT_EQ(namesOf(graph, classes[2].values), (Names{"relu2_out"}));
    EXPECT_EQ(namesOf(graph, classes[3].values), (Names{"b_out"}));
    EXPECT_EQ(classes[3].layer, "b") << "whose result it is";
    EXPECT_TRUE(classes[3].readers.empty());
    EXPECT_EQ(planActivations(graph, {"a", "c"}, Residuals::Quantized).size(), 2U) << "an addition of floats stays one";
}

TEST(ActivationPlan, AReluWhoseInputIsReadElsewhereIsAClassOfItsOwn) {
    support::ModelBuilder model({1, 4});
    const auto a = model.linear("a", model.input(), 4, 4);
    const auto b = model.linear("b", model.relu("relu", a), 4, 4), c = model.linear("c", a, 4, 4);
    const auto graph = model.finish(model.add("add", b, c));
    const auto classes = planActivations(graph, {"b", "c"});
    ASSERT_EQ(classes.size(), 3U);
    EXPECT_EQ(namesOf(graph, classes[0].values), (Names{"relu_out"}));
    EXPECT_EQ(namesOf(graph, classes[1].values), (Names{"a_out"}));
    EXPECT_EQ(namesOf(graph, classes[2].values), (Names{"b_out"})) << "what c adds to its own";
}

TEST(ActivationPlan, AReluBehindPoolingIsNotPulledThroughIt) {
    support::ModelBuilder model({1, 1, 6, 6});
    const auto a = model.maxPool("pool", model.convolution("a", model.input(), 1, 2));
    const auto graph = model.finish(model.convolution("b", model.relu("relu", a), 2, 1, {.kernel = 1}));
    const auto classes = planActivations(graph, {"b"});
    ASSERT_EQ(classes.size(), 1U);
    EXPECT_EQ(namesOf(graph, classes[0].values), (Names{"relu_out"}));
}

graph::Operand number(std::int64_t value) { return graph::Literal(value); }

/// A plan needs no shapes, which the builder would compute.
const graph::Graph& ending(support::ModelBuilder& model, graph::ValueId output) {
    model.graph.main.outputs.emplace_back(output);
    return model.graph;
}

TEST(ActivationPlan, BothSidesOfAFunctionBetweenLayers) {
    support::ModelBuilder model({1, 4});
    const auto a = model.node("aten::silu", "silu", {model.linear("a", model.input(), 4, 4)});
    const auto& graph = ending(model, model.linear("b", a, 4, 4));
    const auto classes = planActivations(graph, {"a", "b"});
    ASSERT_EQ(classes.size(), 3U);
    EXPECT_EQ(namesOf(graph, classes[1].values), (Names{"silu_out"}));
    EXPECT_EQ(classes[1].readers, (Names{"b"}));
    EXPECT_EQ(namesOf(graph, classes[2].values), (Names{"a_out"}));
    EXPECT_EQ(classes[2].layer, "b");
    EXPECT_EQ(classes[2].limits.low, -6) << "silu is flat below";
    EXPECT_TRUE(std::isinf(classes[2].limits.high));
    EXPECT_TRUE(std::isinf(classes[1].limits.low));
    EXPECT_EQ(planActivations(graph, {"b"}).size(), 1U) << "a layer that stays float gives floats";
}

TEST(ActivationPlan, NumbersBeyondCountWhereSomebodyElseReadsThem) {
    support::ModelBuilder model({1, 4});
    const auto a = model.linear("a", model.input(), 4, 4);
    const auto b = model.linear("b", model.node("aten::silu", "silu", {a}), 4, 4);
    const auto gate = model.node("aten::sigmoid", "sigmoid", {a});
    const auto c = model.linear("c", gate, 4, 4);
    const auto limited = planActivations(ending(model, model.add("sum", b, c)), {"a", "b", "c"});
    ASSERT_EQ(limited.size(), 5U);
    EXPECT_EQ(limited[2].limits.low, -6);
    EXPECT_TRUE(std::isinf(limited[2].limits.high)) << "silu needs what sigmoid does not";
    const auto d = model.linear("d", a, 4, 4);
    for (const ActivationClass& same : planActivations(ending(model, model.add("all", d, c)), {"a", "b", "c", "d"}))
        EXPECT_TRUE(std::isinf(same.limits.low));
}

TEST(ActivationPlan, SqueezeAndExcitationIsIntegersThroughout) {
    support::ModelBuilder model({1, 3, 8, 8});
    const auto image = model.node("aten::hardswish", "act", {model.convolution("conv", model.input(), 3, 4)});
    const auto pooled = model.node("aten::adaptive_avg_pool2d", "pool", {image, graph::Literal(std::vector<std::int64_t>{1, 1})});
    const auto fc1 = model.relu("relu", model.convolution("fc1", pooled, 4, 2, {.kernel = 1}));
    const auto gate = model.node("aten::hardsigmoid", "gate", {model.convolution("fc2", fc1, 2, 4, {.kernel = 1})});
    const auto scaled = model.node("aten::mul.Tensor", "scale", {gate, image});
    const auto& graph = ending(model, model.convolution("project", scaled, 4, 2, {.kernel = 1}));
    std::vector<Names> classes;
    for (const ActivationClass& same : planActivations(graph, {"conv", "fc1", "fc2", "project"}))
        classes.push_back(namesOf(graph, same.values));
    const std::vector<Names> expected{{"x"},         {"pool_out"}, {"act_out"}, {"conv_out"}, {"fc1_out", "relu_out"},
                                      {"scale_out"}, {"gate_out"}, {"fc2_out"}};
    EXPECT_EQ(classes, expected);
}

TEST(ActivationPlan, SumsThatNoLayerTakesIn) {
    support::ModelBuilder model({1, 4});
    const auto a = model.relu("relu_a", model.linear("a", model.input(), 4, 4));
    const auto b = model.relu("relu_b", model.linear("b", model.input(), 4, 4));
    const auto c = model.linear("c", model.relu("relu_sum", model.add("sum", a, b)), 4, 4);
    const auto classes = planActivations(ending(model, c), {"a", "b", "c"});
    ASSERT_EQ(classes.size(), 4U);
    EXPECT_EQ(namesOf(model.graph, classes[1].values), (Names{"relu_sum_out"}));
    EXPECT_EQ(namesOf(model.graph, classes[2].values), (Names{"a_out", "relu_a_out"}));
    EXPECT_EQ(namesOf(model.graph, classes[3].values), (Names{"b_out", "relu_b_out"}));
}

TEST(ActivationPlan, PartsSideBySideShareAGridUnlessSomebodyElseReadsThem) {
    support::ModelBuilder model({1, 3, 8, 8});
    const auto a = model.relu("relu", model.convolution("a", model.input(), 3, 4));
    const auto b = model.node("aten::silu", "silu", {model.convolution("b", model.input(), 3, 4)});
    const auto c = model.convolution("c", model.input(), 3, 4);
    const auto whole = model.convolution("d", model.concatenate("whole", {a, b, c}, 1), 12, 2);
    const auto& graph = ending(model, model.concatenate("all", {whole, model.convolution("e", c, 4, 2)}, 1));
    std::vector<Names> classes;
    for (const ActivationClass& same : planActivations(graph, {"a", "b", "c", "d", "e"}))
        classes.push_back(namesOf(graph, same.values));
    const std::vector<Names> expected{{"x"}, {"a_out", "relu_out", "silu_out", "whole_out"}, {"b_out"}, {"c_out"}};
    EXPECT_EQ(classes, expected);
}

TEST(ActivationPlan, AMeanHasAGridOfItsOwn) {
    support::ModelBuilder model({1, 3, 8, 8});
    const auto image = model.node("aten::silu", "silu", {model.convolution("a", model.input(), 3, 4)});
    const auto mean = model.node("aten::mean.dim", "mean", {image, graph::Literal(std::vector<std::int64_t>{2, 3}), graph::Literal(false)});
    const auto& graph = ending(model, model.linear("fc", mean, 4, 2));
    std::vector<Names> classes;
    for (const ActivationClass& same : planActivations(graph, {"a", "fc"}))
        classes.push_back(namesOf(graph, same.values));
    EXPECT_EQ(classes, (std::vector<Names>{{"x"}, {"mean_out"}, {"silu_out"}, {"a_out"}})) << "its range is much smaller than the image's";
}

TEST(ActivationPlan, WhatIsComputedInFloatKeepsItsFloats) {
    support::ModelBuilder model({1, 4});
    const auto a = model.linear("a", model.input(), 4, 4);
    const auto soft = model.node("aten::softmax.int", "softmax", {a, number(-1)});
    const auto product = model.node("aten::mul.Tensor", "product", {soft, a});
    const auto& graph = ending(model, model.linear("b", model.node("aten::silu", "silu", {product}), 4, 4));
    EXPECT_EQ(planActivations(graph, {"a", "b"}).size(), 2U) << "the input of each layer, nothing before softmax";
}

} // namespace
} // namespace lathe::transform
