#include <core/formats/canonical_operators.h>

#include <gtest/gtest.h>

#include <tests/support/graphs.h>

namespace lathe::formats {
namespace {

using graph::Graph;
using graph::Literal;
using graph::Operand;
using support::ints;
using support::number;

Operand flag(bool value) { return Literal(value); }

/// x → aten::_convolution with a weight of this shape → output.
Graph traced(const tensor::Shape& weightShape, bool isTransposed) {
    Graph graph;
    const auto x = graph.addInput("x");
    const auto w = graph.addWeight("conv.weight", support::randomTensor(weightShape, 1));
    const std::vector<std::int64_t> twos(weightShape.size() - 2, 2), ones(weightShape.size() - 2, 1), zeros(weightShape.size() - 2, 0);
    graph.addNode("aten::_convolution", "conv",
                  {x, w, Literal{}, ints(twos), ints(ones), ints(ones), flag(isTransposed), ints(zeros), number(1), flag(false),
                   flag(false), flag(true), flag(true)});
    graph.main.outputs = {graph.main.nodes[0].results[0]};
    return graph;
}

TEST(CanonicalOperators, TracedConvolutionsGetTheirDimension) {
    const std::vector<std::tuple<tensor::Shape, bool, std::string, std::size_t>> cases{
        {{4, 2, 3}, false, "aten::conv1d", 7},
        {{4, 2, 3, 3}, false, "aten::conv2d", 7},
        {{4, 2, 3, 3, 3}, false, "aten::conv3d", 7},
        {{4, 2, 3}, true, "aten::conv_transpose1d", 8},
        {{4, 2, 3, 3}, true, "aten::conv_transpose2d.input", 8},
        {{4, 2, 3, 3, 3}, true, "aten::conv_transpose3d.input", 8},
    };
    for (const auto& [shape, isTransposed, expected, operands] : cases) {
        Graph graph = traced(shape, isTransposed);
        canonicalizeOperators(graph);
        EXPECT_EQ(graph.main.nodes[0].op, expected);
        EXPECT_EQ(graph.main.nodes[0].operands.size(), operands);
        EXPECT_TRUE(graph::verify(graph));
    }
}

TEST(CanonicalOperators, KeepsTheOrderOfEachSchema) {
    Graph plain = traced({4, 2, 3, 3}, false);
    canonicalizeOperators(plain);
    EXPECT_EQ(plain.main.nodes[0].operands[3], ints({2, 2})); // stride
    EXPECT_EQ(plain.main.nodes[0].operands[4], ints({1, 1})); // padding
    EXPECT_EQ(plain.main.nodes[0].operands[6], number(1));    // groups
    Graph transposed = traced({4, 2, 3, 3}, true);
    canonicalizeOperators(transposed);
    EXPECT_EQ(transposed.main.nodes[0].operands[5], ints({0, 0})); // output padding
    EXPECT_EQ(transposed.main.nodes[0].operands[6], number(1));    // groups
    EXPECT_EQ(transposed.main.nodes[0].operands[7], ints({1, 1})); // dilation
}

Graph named(const std::string& op, const std::string& padding, std::int64_t kernel, std::int64_t dilation) {
    Graph graph;
    const auto x = graph.addInput("x");
    const auto w = graph.addWeight("conv.weight", support::randomTensor({4, 2, kernel, kernel}, 1));
    graph.addNode(op, "conv", {x, w, Literal{}, ints({1, 1}), Literal(padding), ints({dilation, dilation}), number(1)});
    graph.main.outputs = {graph.main.nodes[0].results[0]};
    return graph;
}

TEST(CanonicalOperators, NamedPaddingBecomesNumbers) {
    for (const std::string op : {"aten::conv2d.padding", "aten::_convolution_mode"}) {
        Graph same = named(op, "same", 5, 2);
        canonicalizeOperators(same);
        EXPECT_EQ(same.main.nodes[0].op, "aten::conv2d");
        EXPECT_EQ(same.main.nodes[0].operands[4], ints({4, 4}));
        Graph valid = named(op, "valid", 5, 2);
        canonicalizeOperators(valid);
        EXPECT_EQ(valid.main.nodes[0].operands[4], ints({0, 0}));
        Graph uneven = named(op, "same", 4, 1);
        canonicalizeOperators(uneven);
        EXPECT_EQ(uneven.main.nodes[0].op, op) << "one more zero on one side has no number";
    }
}

TEST(CanonicalOperators, RemovesDropoutOnlyWhenItDoesNothing) {
    for (const bool isTraining : {false, true}) {
        Graph graph;
        const auto x = graph.addInput("x");
        const auto dropped = graph.addNode("aten::dropout", "dropout", {x, Literal(0.5), flag(isTraining)}).results[0];
        const auto out = graph.addNode("aten::relu", "relu", {dropped}).results[0];
        graph.main.outputs = {out};
        canonicalizeOperators(graph);
        EXPECT_EQ(graph.main.nodes.size(), isTraining ? 2U : 1U);
        EXPECT_TRUE(graph::verify(graph));
    }
}

} // namespace
} // namespace lathe::formats
