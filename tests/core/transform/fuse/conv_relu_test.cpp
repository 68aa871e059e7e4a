#include <core/transform/fuse/conv_relu.h>

#include <gtest/gtest.h>

#include <tests/support/graphs.h>
#include <tests/support/reference_interpreter.h>

namespace lathe::transform {
namespace {

TEST(ConvRelu, FusesAndComputesTheSame) {
    graph::Graph graph = support::smallConvNet(2);
    const auto x = support::randomNumbers({2, 2, 10, 10}, 3);
    const auto before = support::interpret(graph, x);
    EXPECT_EQ(fuseConvRelu(graph), 1);
    ASSERT_TRUE(graph::verify(graph));
    EXPECT_EQ(graph.findNode("relu1"), nullptr);
    EXPECT_EQ(graph.findNode("conv1")->op, "lathe::conv2d_relu");
    EXPECT_EQ(support::maxDifference(support::interpret(graph, x), before), 0);
    EXPECT_EQ(fuseConvRelu(graph), 0);
}

TEST(ConvRelu, FusesTheFormThatWorksInPlace) {
    graph::Graph graph = support::smallConvNet();
    graph.findNode("relu1")->op = "aten::relu_";
    EXPECT_EQ(fuseConvRelu(graph), 1);
}

TEST(ConvRelu, LeavesAConvolutionWhoseResultIsReadTwice) {
    support::ModelBuilder model({1, 2, 5, 5});
    const auto conv = model.convolution("conv", model.input(), 2, 3);
    graph::Graph graph = model.finish(model.add("add", model.relu("relu", conv), conv));
    EXPECT_EQ(fuseConvRelu(graph), 0);
    EXPECT_EQ(graph.findNode("conv")->op, "aten::conv2d");

    support::ModelBuilder output({1, 2, 5, 5});
    const auto shown = output.convolution("conv", output.input(), 2, 3);
    graph::Graph two = output.finish(output.relu("relu", shown));
    two.main.outputs.emplace_back(shown);
    EXPECT_EQ(fuseConvRelu(two), 0);
}

TEST(ConvRelu, LeavesReluBehindOtherOperators) {
    support::ModelBuilder model({1, 4});
    graph::Graph graph = model.finish(model.relu("relu2", model.relu("relu1", model.linear("fc", model.input(), 4, 2))));
    EXPECT_EQ(fuseConvRelu(graph), 0);
}

} // namespace
} // namespace lathe::transform
