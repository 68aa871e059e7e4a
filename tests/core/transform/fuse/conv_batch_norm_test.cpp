#include <core/transform/fuse/conv_batch_norm.h>

#include <gtest/gtest.h>

#include <tests/support/graphs.h>
#include <tests/support/reference_interpreter.h>

namespace lathe::transform {
namespace {

using support::ModelBuilder;

/// Folds `graph` and compares it with what it was.
void expectSameAfterFolding(graph::Graph graph, const tensor::Shape& input, int expectedFolds) {
    const auto x = support::randomNumbers(input, 7);
    const auto before = support::interpret(graph, x);
    const auto folded = foldBatchNorm(graph);
    ASSERT_TRUE(folded) << folded.error().text();
    EXPECT_EQ(*folded, expectedFolds);
    const auto verified = graph::verify(graph);
    ASSERT_TRUE(verified) << verified.error().text();
    EXPECT_LT(support::maxDifference(support::interpret(graph, x), before), 1e-5);
}

TEST(ConvBatchNorm, FoldsIntoAConvolutionWithAndWithoutBias) {
    for (const bool hasBias : {true, false}) {
        ModelBuilder model({2, 3, 6, 6});
        const auto conv = model.convolution("conv", model.input(), 3, 4, {.hasBias = hasBias});
        const auto graph = model.finish(model.relu("relu", model.batchNorm("bn", conv, 4)));
        expectSameAfterFolding(graph, {2, 3, 6, 6}, 1);
    }
}

TEST(ConvBatchNorm, FoldsDepthwiseAndSingleChannels) {
    ModelBuilder model({1, 3, 5, 5});
    auto x = model.batchNorm("bn1", model.convolution("depthwise", model.input(), 3, 3, {.groups = 3}), 3);
    x = model.batchNorm("bn2", model.convolution("one", x, 3, 1, {.kernel = 1}), 1);
    expectSameAfterFolding(model.finish(x), {1, 3, 5, 5}, 2);
}

TEST(ConvBatchNorm, FoldsIntoALinearLayer) {
    ModelBuilder model({3, 5});
    expectSameAfterFolding(model.finish(model.batchNorm("bn", model.linear("fc", model.input(), 5, 4), 4)), {3, 5}, 1);
}

TEST(ConvBatchNorm, FoldsWithoutAffineParameters) {
    ModelBuilder model({1, 2, 5, 5});
    const auto x = model.batchNorm("bn", model.convolution("conv", model.input(), 2, 3), 3);
    model.graph.findNode("bn")->operands[1] = graph::Operand();
    model.graph.findNode("bn")->operands[2] = graph::Operand();
    expectSameAfterFolding(model.finish(x), {1, 2, 5, 5}, 1);
}

TEST(ConvBatchNorm, CopiesAWeightThatAnotherLayerReads) {
    ModelBuilder model({1, 2, 6, 6});
    const auto first = model.convolution("first", model.input(), 2, 2, {.padding = 1});
    const auto normal = model.batchNorm("bn", first, 2);
    auto operands = model.graph.findNode("first")->operands;
    operands[0] = normal;
    expectSameAfterFolding(model.finish(model.node("aten::conv2d", "second", operands)), {1, 2, 6, 6}, 1);
}

TEST(ConvBatchNorm, LeavesAloneWhatItMustNotFold) {
    ModelBuilder used({1, 2, 5, 5});
    const auto conv = used.convolution("conv", used.input(), 2, 3);
    expectSameAfterFolding(used.finish(used.add("add", used.batchNorm("bn", conv, 3), conv)), {1, 2, 5, 5}, 0);

    ModelBuilder training({1, 2, 5, 5});
    const auto x = training.batchNorm("bn", training.convolution("conv", training.input(), 2, 3), 3);
    training.graph.findNode("bn")->operands[5] = graph::Literal(true);
    expectSameAfterFolding(training.finish(x), {1, 2, 5, 5}, 0);

    ModelBuilder alone({1, 2, 5, 5});
    expectSameAfterFolding(alone.finish(alone.batchNorm("bn", alone.relu("relu", alone.input()), 2)), {1, 2, 5, 5}, 0);

    // After relu: (fused) relu(conv) is not linear any more.
    ModelBuilder fused({1, 2, 5, 5});
    const auto y = fused.batchNorm("bn", fused.convolution("conv", fused.input(), 2, 3), 3);
    fused.graph.findNode("conv")->op = "lathe::conv2d_relu";
    expectSameAfterFolding(fused.finish(y), {1, 2, 5, 5}, 0);
}

TEST(ConvBatchNorm, RefusesAVarianceThatGivesNaN) {
    ModelBuilder model({1, 2, 5, 5});
    auto graph = model.finish(model.batchNorm("bn", model.convolution("conv", model.input(), 2, 3), 3));
    graph.value(*graph.findValue("bn.running_var")).data = tensor::Tensor::of<float>({3}, {1, -1, 1});
    const auto folded = foldBatchNorm(graph);
    ASSERT_FALSE(folded);
    EXPECT_EQ(folded.error().code, base::ErrorCode::Rejected);
    EXPECT_NE(folded.error().message.text().find("\"bn\""), std::string::npos);
}

} // namespace
} // namespace lathe::transform
