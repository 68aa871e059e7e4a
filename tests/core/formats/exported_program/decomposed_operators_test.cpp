#include <core/formats/exported_program/decomposed_operators.h>

#include <gtest/gtest.h>

#include <tests/support/graphs.h>

namespace lathe::formats {
namespace {

using graph::Graph;
using graph::Literal;
using graph::Operand;
using graph::ValueId;

const Operand none, no = Literal(false), yes = Literal(true), half = Literal(0.5);

TEST(DecomposedOperators, LinearLayersComeBack) {
    Graph graph;
    const ValueId x = graph.addInput("x");
    const ValueId weight = graph.addWeight("fc.weight", support::randomTensor({3, 2}, 1));
    const ValueId bias = graph.addWeight("fc.bias", support::randomTensor({3}, 2));
    const ValueId turned = graph.addNode("aten::permute", "permute", {weight, support::ints({1, 0})}).results[0];
    const ValueId first = graph.addNode("aten::addmm", "addmm", {bias, x, turned, support::number(1), support::number(1)}).results[0];
    const ValueId t = graph.addNode("aten::t", "t", {weight}).results[0];
    const ValueId second = graph.addNode("aten::mm", "mm", {first, t}).results[0];
    // Twice the product is no linear layer.
    const ValueId turnedAgain =
        graph.addNode("aten::transpose.int", "transpose", {weight, support::number(0), support::number(-1)}).results[0];
    graph.main.outputs = {
        graph.addNode("aten::addmm", "scaled", {bias, second, turnedAgain, support::number(1), support::number(2)}).results[0]};
    recomposeOperators(graph);
    ASSERT_EQ(graph.main.nodes.size(), 4U);
    EXPECT_EQ(graph.findNode("addmm")->op, "aten::linear");
    EXPECT_EQ(graph.findNode("addmm")->operands, (std::vector<Operand>{x, weight, bias}));
    EXPECT_EQ(graph.findNode("mm")->op, "aten::linear");
    EXPECT_TRUE(graph.findNode("mm")->operands[2].isNone());
    EXPECT_EQ(graph.findNode("scaled")->op, "aten::addmm");
}

TEST(DecomposedOperators, BatchNormInEvaluationComesBack) {
    Graph graph;
    const ValueId x = graph.addInput("x");
    const ValueId mean = graph.addWeight("mean", support::randomTensor({2}, 1), false);
    const auto legit = [&](const char* op, const char* name, std::vector<Operand> operands, int results) {
        return graph.addNode(op, name, std::move(operands), results).results[0];
    };
    const ValueId a = legit("aten::_native_batch_norm_legit_no_training", "a", {x, none, none, mean, mean, half, half}, 3);
    const ValueId b = legit("aten::_native_batch_norm_legit_functional", "b", {a, none, none, mean, mean, no, half, half}, 5);
    const ValueId c = legit("aten::_native_batch_norm_legit_functional", "c", {b, none, none, mean, mean, yes, half, half}, 5);
    graph.main.outputs = {c};
    recomposeOperators(graph);
    for (const char* name : {"a", "b"}) {
        const graph::Node* node = graph.findNode(name);
        EXPECT_EQ(node->op, "aten::batch_norm") << name;
        EXPECT_EQ(node->results.size(), 1U);
        ASSERT_EQ(node->operands.size(), 9U);
        EXPECT_EQ(node->operands[5], no);
        EXPECT_EQ(node->operands[7], half);
    }
    EXPECT_EQ(graph.findNode("c")->op, "aten::_native_batch_norm_legit_functional");
}

TEST(DecomposedOperators, PoolingWhoseIndicesAreUsedStays) {
    for (const bool areUsed : {false, true}) {
        Graph graph;
        const ValueId x = graph.addInput("x");
        const auto results =
            graph
                .addNode("aten::max_pool2d_with_indices", "pool",
                         {x, support::ints({2, 2}), support::ints({2, 2}), support::ints({0, 0}), support::ints({1, 1}), no}, 2)
                .results;
        graph.main.outputs = {results[0]};
        if (areUsed) graph.main.outputs.emplace_back(results[1]);
        recomposeOperators(graph);
        EXPECT_EQ(graph.findNode("pool")->op, areUsed ? "aten::max_pool2d_with_indices" : "aten::max_pool2d");
        EXPECT_EQ(graph.findNode("pool")->results.size(), areUsed ? 2U : 1U);
    }
}

TEST(DecomposedOperators, CopiesGoUnlessSomethingIsChangedInPlace) {
    for (const bool isChanged : {false, true}) {
        Graph graph;
        const ValueId x = graph.addInput("x");
        const ValueId copy = graph.addNode("aten::clone", "clone", {x, none}).results[0];
        graph.main.outputs = {graph.addNode(isChanged ? "aten::relu_" : "aten::relu", "relu", {copy}).results[0]};
        recomposeOperators(graph);
        EXPECT_EQ(graph.findNode("clone") != nullptr, isChanged);
    }
}

TEST(DecomposedOperators, DropoutInEvaluationGoes) {
    Graph graph;
    const ValueId x = graph.addInput("x");
    const ValueId kept = graph.addNode("aten::native_dropout", "kept", {x, half, yes}, 2).results[0];
    graph.main.outputs = {graph.addNode("aten::native_dropout", "gone", {kept, half, no}, 2).results[0]};
    recomposeOperators(graph);
    EXPECT_NE(graph.findNode("kept"), nullptr);
    EXPECT_EQ(graph.findNode("gone"), nullptr);
    EXPECT_EQ(graph.main.outputs[0].value(), kept);
}

} // namespace
} // namespace lathe::formats
