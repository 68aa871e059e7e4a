#include <core/transform/clean/dead_code.h>

#include <gtest/gtest.h>

#include <tests/support/graphs.h>

namespace lathe::transform {
namespace {

TEST(DeadCode, RemovesChainsThatNobodyReadsAndTheirWeights) {
    graph::Graph graph = support::smallConvNet();
    const graph::Graph before = graph;
    const auto x = graph.main.inputs.front();
    const auto w = graph.addWeight("unused.weight", support::randomTensor({2, 10}, 1));
    const auto dead = graph.addNode("aten::linear", "dead1", {x, w, graph::Operand()}).results.front();
    graph.addNode("aten::relu", "dead2", {dead});
    EXPECT_EQ(removeDeadCode(graph), 2);
    EXPECT_FALSE(graph.findValue("unused.weight"));
    EXPECT_TRUE(graph::verify(graph));
    EXPECT_TRUE(graph::structurallyEqual(graph, before));
    EXPECT_EQ(removeDeadCode(graph), 0);
}

TEST(DeadCode, KeepsSideEffectsAndWhatTheyNeed) {
    graph::Graph graph = support::smallConvNet();
    const auto scaled = graph.addNode("aten::relu", "needed", {graph.main.inputs.front()}).results.front();
    graph.addNode("aten::add_.Tensor", "effect", {scaled, graph::Literal(std::int64_t{1}), graph::Literal(std::int64_t{1})});
    EXPECT_EQ(removeDeadCode(graph), 0);
    EXPECT_NE(graph.findNode("needed"), nullptr);
}

TEST(DeadCode, LooksIntoBlocks) {
    graph::Graph graph;
    const auto x = graph.addInput("x");
    const auto condition = graph.addInput("condition", graph::TypeKind::Bool);
    const auto outer = graph.addNode("aten::relu", "outer", {x}).results.front(); // read in a block only
    graph.addNode("prim::If", "branch", {condition});
    const auto inBlock = graph.addResult("in_block"), deadInBlock = graph.addResult("dead_in_block");
    graph::Node used, dead;
    used.op = dead.op = "aten::neg";
    used.name = "used";
    dead.name = "dead";
    used.operands = dead.operands = {outer};
    used.results = {inBlock};
    dead.results = {deadInBlock};
    graph::Node& branch = graph.main.nodes.back();
    branch.blocks = {{{}, {dead, used}, {inBlock}}, {{}, {}, {x}}};
    graph.main.outputs = {branch.results.front()};
    ASSERT_TRUE(graph::verify(graph));
    EXPECT_EQ(removeDeadCode(graph), 1);
    EXPECT_NE(graph.findNode("outer"), nullptr);
    EXPECT_NE(graph.findNode("used"), nullptr);
    EXPECT_EQ(graph.findNode("dead"), nullptr);
    EXPECT_TRUE(graph::verify(graph));
}

TEST(DeadCode, EmptyGraph) {
    graph::Graph graph;
    EXPECT_EQ(removeDeadCode(graph), 0);
}

} // namespace
} // namespace lathe::transform
