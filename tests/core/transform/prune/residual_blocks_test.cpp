#include <core/transform/prune/residual_blocks.h>

#include <set>

#include <gtest/gtest.h>

#include <core/graph/operators/call.h>
#include <tests/support/graphs.h>
#include <tests/support/reference_interpreter.h>
#include <tests/support/transformer.h>

namespace lathe::transform {
namespace {

using support::ModelBuilder;
using Names = std::vector<std::string>;

/// Two residual blocks of convolutions; the second has a convolution on its other side as well.
graph::Graph residualModel() {
    ModelBuilder model({1, 2, 6, 6});
    const auto stem = model.convolution("stem", model.input(), 2, 4, {.padding = 1});
    const auto first = model.relu("b1.relu1", model.convolution("b1.conv1", stem, 4, 4, {.padding = 1}));
    const auto sum = model.relu("b1.relu2", model.add("b1.add", model.convolution("b1.conv2", first, 4, 4, {.padding = 1}), stem));
    const auto other = model.add("b2.add", model.convolution("b2.conv", sum, 4, 4, {.padding = 1}),
                                 model.convolution("b2.project", sum, 4, 4, {.padding = 1}));
    graph::Graph graph = model.finish(model.convolution("last", other, 4, 2));
    for (graph::Node& node : graph.main.nodes) {
        if (node.name.starts_with("b1.")) node.scope = node.name == "b1.add" ? "b1" : node.name;
    }
    return graph;
}

TEST(ResidualBlocks, AreSumsOfATensorAndWhatDependsOnIt) {
    const auto blocks = residualBlocks(residualModel());
    ASSERT_EQ(blocks.size(), 1U); // the other has a projection
    EXPECT_EQ(blocks[0].name, "b1");
    EXPECT_EQ(blocks[0].sum, "b1.add");
    EXPECT_EQ(blocks[0].branch, (Names{"b1.conv1", "b1.relu1", "b1.conv2"}));
}

TEST(ResidualBlocks, WithoutABranchTheStreamGoesOn) {
    const graph::Graph before = residualModel();
    graph::Graph after = before;
    dropBranches(after, residualBlocks(before));
    graph::compact(after);
    ASSERT_TRUE(graph::verify(after));
    EXPECT_EQ(after.findNode("b1.conv1"), nullptr);
    EXPECT_EQ(after.findNode("b1.add"), nullptr);
    EXPECT_FALSE(after.findValue("b1.conv2.weight"));
    // As a branch that gives zeros.
    graph::Graph zeros = before;
    for (const char* weight : {"b1.conv2.weight", "b1.conv2.bias"}) {
        graph::Value& value = zeros.value(*zeros.findValue(weight));
        value.data = tensor::Tensor::zeros(tensor::DType::Float32, value.data.shape());
    }
    const auto x = support::randomNumbers({1, 2, 6, 6}, 4);
    EXPECT_LT(support::maxDifference(support::interpret(after, x), support::interpret(zeros, x)), 1e-12);
}

TEST(ResidualBlocks, OfATransformerOneForAttentionAndOneForTheRest) {
    const graph::Graph before = support::transformer(81); // three blocks
    const auto blocks = residualBlocks(before);
    ASSERT_EQ(blocks.size(), 6U);
    std::set<std::string> names;
    for (const ResidualBlock& block : blocks)
        EXPECT_TRUE(names.insert(block.name).second) << block.name;
    // One behind the other, and the first of all.
    graph::Graph after = before;
    dropBranches(after, {blocks[0], blocks[3], blocks[4]});
    graph::compact(after);
    const auto verified = graph::verify(after);
    ASSERT_TRUE(verified) << verified.error().text();
    EXPECT_EQ(residualBlocks(after).size(), 3U);
    graph::Graph none = before;
    dropBranches(none, blocks);
    graph::compact(none);
    ASSERT_TRUE(graph::verify(none));
    EXPECT_TRUE(residualBlocks(none).empty());
}

TEST(ResidualBlocks, NoneWithAFactorOrWithoutShapes) {
    graph::Graph scaled = residualModel();
    graph::setOperand(*scaled.findNode("b1.add"), "alpha", support::number(2));
    EXPECT_TRUE(residualBlocks(scaled).empty());
    graph::Graph unknown = residualModel();
    unknown.value(unknown.findNode("stem")->results[0]).shape.reset();
    EXPECT_TRUE(residualBlocks(unknown).empty());
}

} // namespace
} // namespace lathe::transform
