#include <core/graph/state.h>

#include <gtest/gtest.h>

namespace lathe::graph {
namespace {

Graph counter() {
    Graph graph;
    const ValueId x = graph.addInput("x");
    const ValueId calls = graph.addWeight("calls", tensor::Tensor::of<float>({1}, {3.0F}), false);
    const ValueId next = graph.addNode("aten::add.Tensor", "add", {x, calls, Literal(std::int64_t{1})}).results[0];
    graph.addNode(std::string(keepState), "keep_state", {calls, next}, 0);
    graph.main.outputs.emplace_back(next);
    return graph;
}

TEST(State, IsWhatANodeKeeps) {
    const Graph graph = counter();
    ASSERT_TRUE(verify(graph)) << verify(graph).error().text();
    const auto states = statesOf(graph);
    ASSERT_EQ(states.size(), 1U);
    EXPECT_EQ(states[0].input, "calls");
    EXPECT_EQ(states[0].output, "calls_next");
    EXPECT_EQ(states[0].data.toFloats(), std::vector<float>{3});
    EXPECT_EQ(states[0].next, graph.main.outputs[0].value());
    EXPECT_TRUE(statesOf(withStateOutside(graph)).empty());
}

TEST(State, OutsideItIsInputsAndOutputs) {
    const Graph graph = counter(), outside = withStateOutside(graph);
    ASSERT_TRUE(verify(outside)) << verify(outside).error().text();
    ASSERT_EQ(outside.main.inputs.size(), 2U);
    EXPECT_EQ(outside.value(outside.main.inputs[1]).name, "calls");
    EXPECT_EQ(outside.value(outside.main.inputs[1]).kind, ValueKind::Input);
    ASSERT_EQ(outside.main.outputs.size(), 2U);
    EXPECT_EQ(outside.main.outputs[1], outside.main.outputs[0]) << "what is returned is kept as well";
    EXPECT_EQ(outside.main.nodes.size(), 1U);
    EXPECT_EQ(graph.main.inputs.size(), 1U) << "the graph itself stays as it was";
}

} // namespace
} // namespace lathe::graph
