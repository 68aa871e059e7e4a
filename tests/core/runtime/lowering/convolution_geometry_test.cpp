#include <core/runtime/lowering/convolution_geometry.h>

#include <gtest/gtest.h>

#include <tests/core/runtime/graphs.h>

namespace lathe::runtime::testing {
namespace {

std::optional<ConvolutionGeometry> geometry(Operand stride, Operand padding, Operand dilation, Operand groups) {
    Graph graph;
    const auto x = graph.addInput("x");
    graph.addNode("aten::conv2d", "conv", {x, x, none(), std::move(stride), std::move(padding), std::move(dilation), std::move(groups)});
    return constantGeometry(graph.main.nodes[0]);
}

TEST(ConvolutionGeometry, OfConstants) {
    const auto known = geometry(ints({2, 1}), ints({0, 3}), integer(2), integer(4));
    ASSERT_TRUE(known);
    EXPECT_EQ(text(*known), "s2x1 p0x3 d2x2 g4");
}

TEST(ConvolutionGeometry, NothingElse) {
    EXPECT_FALSE(geometry(ints({0, 1}), ints({0, 0}), ints({1, 1}), integer(1)));
    EXPECT_FALSE(geometry(ints({1, 1}), ints({-1, 0}), ints({1, 1}), integer(1)));
    EXPECT_FALSE(geometry(ints({1, 1}), ints({0, 0}), ints({1, 0}), integer(1)));
    EXPECT_FALSE(geometry(ints({1, 1}), ints({0, 0}), ints({1, 1}), integer(0)));
    EXPECT_FALSE(geometry(ints({1, 1}), word("same"), ints({1, 1}), integer(1)));
    EXPECT_FALSE(geometry(ints({1, 1, 1}), ints({0, 0}), ints({1, 1}), integer(1)));
    EXPECT_FALSE(geometry(graph::ValueId{0}, ints({0, 0}), ints({1, 1}), integer(1))) << "computed in the model";
}

} // namespace
} // namespace lathe::runtime::testing
