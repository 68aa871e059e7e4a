#include <core/graph/graph.h>

#include <gtest/gtest.h>

#include <tests/support/graphs.h>

namespace lathe::graph {
namespace {

TEST(Graph, NamesAreMadeFree) {
    Graph graph;
    graph.addInput("x");
    graph.addNode("aten::relu", "relu", {Operand(ValueId{0})});
    EXPECT_EQ(graph.freeValueName("x"), "x_1");
    EXPECT_EQ(graph.freeValueName("y"), "y");
    EXPECT_EQ(graph.freeNodeName("relu"), "relu_1");
}

TEST(Graph, ACopySharesWeightsButNotStructure) {
    const Graph original = support::smallConvNet();
    Graph copy = original;
    copy.main.nodes.pop_back();
    EXPECT_NE(original.findNode("fc"), nullptr);
    const auto weight = original.findValue("conv1.weight");
    ASSERT_TRUE(weight);
    EXPECT_EQ(original.value(*weight).data.storage(), copy.value(*weight).data.storage());
}

TEST(UseIndex, KnowsProducersAndUses) {
    const Graph graph = support::smallConvNet();
    const UseIndex uses(graph);
    const Node& relu = *graph.findNode("relu1");
    EXPECT_EQ(uses.producer(relu.operands[0].value())->name, "conv1");
    EXPECT_EQ(uses.producer(graph.main.inputs[0]), nullptr);
    ASSERT_EQ(uses.uses(relu.results[0]).size(), 1U);
    EXPECT_EQ(uses.uses(relu.results[0])[0].node->name, "pool1");
    EXPECT_EQ(uses.uses(relu.results[0])[0].operand, 0);
    const auto output = graph.main.outputs[0].value();
    ASSERT_EQ(uses.uses(output).size(), 1U);
    EXPECT_EQ(uses.uses(output)[0].node, nullptr);
}

TEST(UseIndex, SeesIntoListsAndBlocks) {
    Graph graph;
    const ValueId condition = graph.addInput("c", TypeKind::Bool);
    const ValueId x = graph.addInput("x");
    Node& branch = graph.addNode("prim::If", "if", {condition});
    Block thenBlock, elseBlock;
    thenBlock.outputs = {Operand(std::vector<Operand>{x, x})};
    elseBlock.outputs = {x};
    branch.blocks = {thenBlock, elseBlock};
    EXPECT_EQ(UseIndex(graph).uses(x).size(), 3U);
}

TEST(Compact, DropsWhatNothingRefersToAndRenumbers) {
    Graph graph = support::smallConvNet();
    const ValueId conv = graph.findNode("conv1")->results[0];
    const Node fc = *graph.findNode("fc");
    graph.main.nodes.pop_back();
    graph.main.outputs = {graph.findNode("flatten")->results[0]};
    const std::size_t before = graph.values.size();
    compact(graph);
    EXPECT_EQ(graph.values.size(), before - 3); // two weights and the result of fc
    EXPECT_FALSE(graph.findValue("fc.weight"));
    EXPECT_TRUE(verify(graph)) << verify(graph).error().text();
    EXPECT_EQ(graph.value(graph.findNode("conv1")->results[0]).name, "conv1_out");
    EXPECT_NE(conv, graph.findNode("conv1")->results[0]);
}

TEST(ReplaceUses, ReachesOperandsAndOutputs) {
    Graph graph = support::smallConvNet();
    const ValueId relu = graph.findNode("relu1")->results[0];
    const ValueId conv = graph.findNode("conv1")->results[0];
    replaceUses(graph, relu, conv);
    EXPECT_EQ(graph.findNode("pool1")->operands[0].value(), conv);
    const ValueId out = graph.main.outputs[0].value();
    replaceUses(graph, out, conv);
    EXPECT_EQ(graph.main.outputs[0].value(), conv);
}

TEST(StaticShape, IsUnknownWithOneSymbol) {
    Value value;
    EXPECT_EQ(staticShape(value), std::nullopt);
    value.shape = {Dim{-1, "N"}, Dim{3, ""}};
    EXPECT_EQ(staticShape(value), std::nullopt);
    value.shape = dims({2, 3});
    EXPECT_EQ(staticShape(value), (tensor::Shape{2, 3}));
}

} // namespace
} // namespace lathe::graph
