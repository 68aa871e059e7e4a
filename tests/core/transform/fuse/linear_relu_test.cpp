#include <core/transform/fuse/linear_relu.h>

#include <gtest/gtest.h>

#include <tests/support/reference_interpreter.h>

namespace lathe::transform {
namespace {

TEST(LinearRelu, FusesEveryPairAndComputesTheSame) {
    graph::Graph graph = support::lenet5();
    const auto x = support::randomNumbers({1, 1, 32, 32}, 3);
    const auto before = support::interpret(graph, x);
    EXPECT_EQ(fuseLinearRelu(graph), 2);
    ASSERT_TRUE(graph::verify(graph));
    EXPECT_EQ(graph.findNode("fc1")->op, "lathe::linear_relu");
    EXPECT_EQ(graph.findNode("fc2")->op, "lathe::linear_relu");
    EXPECT_EQ(graph.findNode("fc3")->op, "aten::linear");
    EXPECT_EQ(graph.findNode("conv1")->op, "aten::conv2d");
    EXPECT_EQ(support::maxDifference(support::interpret(graph, x), before), 0);
}

} // namespace
} // namespace lathe::transform
