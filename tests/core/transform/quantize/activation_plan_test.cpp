#include <core/transform/quantize/activation_plan.h>

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
    ASSERT_EQ(classes.size(), 1U);
    EXPECT_EQ(classes[0].readers, (Names{"a", "b"}));
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
    ASSERT_EQ(classes.size(), 2U);
    EXPECT_EQ(namesOf(graph, classes[0].values), (Names{"relu_out"}));
    EXPECT_EQ(namesOf(graph, classes[1].values), (Names{"a_out"}));
}

TEST(ActivationPlan, AReluBehindPoolingIsNotPulledThroughIt) {
    support::ModelBuilder model({1, 1, 6, 6});
    const auto a = model.maxPool("pool", model.convolution("a", model.input(), 1, 2));
    const auto graph = model.finish(model.convolution("b", model.relu("relu", a), 2, 1, {.kernel = 1}));
    const auto classes = planActivations(graph, {"b"});
    ASSERT_EQ(classes.size(), 1U);
    EXPECT_EQ(namesOf(graph, classes[0].values), (Names{"relu_out"}));
}

} // namespace
} // namespace lathe::transform
