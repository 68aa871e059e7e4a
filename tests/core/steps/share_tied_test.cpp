#include <core/steps/share_tied.h>

#include <cmath>

#include <gtest/gtest.h>

#include <core/graph/parameters.h>
#include <core/steps/apply_step.h>
#include <tests/support/reference_interpreter.h>
#include <tests/support/step_context.h>

namespace lathe::steps {
namespace {

Step stepWith(base::Json parameters) { return {"share.tied", true, std::move(parameters), {}}; }

base::Result<StepOutcome> applied(const graph::Graph& graph, const Step& step) {
    support::TestContext context;
    return applyStep(graph, step, context);
}

/// Four layers of 8x8: b is a copy of a, c is a with every number 1 % larger, d is another.
graph::Graph fourLayers() {
    support::ModelBuilder builder({3, 8});
    auto x = builder.input();
    for (const char* name : {"a", "b", "c", "d"})
        x = builder.relu(std::string(name) + "_relu", builder.linear(name, x, 8, 8));
    graph::Graph graph = builder.finish(x);
    std::vector<float> numbers = graph.value(*graph.findValue("a.weight")).data.toFloats();
    graph.value(*graph.findValue("b.weight")).data = tensor::Tensor::of({8, 8}, numbers);
    for (float& number : numbers)
        number *= 1.01F;
    graph.value(*graph.findValue("c.weight")).data = tensor::Tensor::of({8, 8}, numbers);
    return graph;
}

TEST(ShareTied, EqualWeightsBecomeOne) {
    const graph::Graph before = fourLayers();
    const auto outcome = applied(before, stepWith({}));
    ASSERT_TRUE(outcome) << outcome.error().text();
    EXPECT_EQ(outcome->graph.findNode("b")->operands[1], outcome->graph.findNode("a")->operands[1]);
    EXPECT_FALSE(outcome->graph.findValue("b.weight"));
    EXPECT_EQ(graph::parameterCount(outcome->graph), graph::parameterCount(before) - 64);
    EXPECT_EQ(outcome->layerNotes.at("b").front().text(), "\"b\" has the weight of \"a\" now.");
    EXPECT_FALSE(outcome->layers.contains("b")) << "nothing is lost";
    const auto input = support::randomNumbers({3, 8}, 1);
    EXPECT_EQ(support::maxDifference(support::interpret(before, input), support::interpret(outcome->graph, input)), 0);
}

TEST(ShareTied, AlikeWeightsBecomeTheirMean) {
    const graph::Graph before = fourLayers();
    const auto outcome = applied(before, stepWith({{"tolerance", 0.02}}));
    ASSERT_TRUE(outcome) << outcome.error().text();
    EXPECT_EQ(graph::parameterCount(outcome->graph), graph::parameterCount(before) - 2 * 64);
    const auto a = before.value(*before.findValue("a.weight")).data.toFloats(),
               c = before.value(*before.findValue("c.weight")).data.toFloats();
    const auto now = outcome->graph.value(*outcome->graph.findValue("a.weight")).data.toFloats();
    double lost = 0;
    for (std::size_t i = 0; i < now.size(); ++i) {
        EXPECT_NEAR(now[i], (2 * static_cast<double>(a[i]) + static_cast<double>(c[i])) / 3, 1e-6);
        lost += std::pow(static_cast<double>(c[i]) - static_cast<double>(now[i]), 2) / 2;
    }
    EXPECT_NEAR(outcome->layers.at("c").at("loss"), lost, 1e-9);
    EXPECT_TRUE(outcome->graph.findValue("d.weight"));
}

TEST(ShareTied, ASkippedLayerKeepsItsOwn) {
    Step step = stepWith({});
    step.where = {"!b"};
    const auto outcome = applied(fourLayers(), step);
    ASSERT_TRUE(outcome);
    EXPECT_TRUE(outcome->graph.findValue("b.weight"));
    EXPECT_EQ(outcome->warnings.front().text(), "No two weights are alike.");
}

TEST(ShareTied, WhatIsOneAlreadyIsNoChange) {
    graph::Graph graph = fourLayers();
    graph.value(*graph.findValue("b.weight")).data = graph.value(*graph.findValue("a.weight")).data;
    const auto outcome = applied(graph, stepWith({}));
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->figures.at("changed_nodes"), 0);
    EXPECT_EQ(graph::parameterCount(outcome->graph), graph::parameterCount(graph));
}

} // namespace
} // namespace lathe::steps
