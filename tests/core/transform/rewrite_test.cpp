#include <core/transform/rewrite.h>

#include <limits>

#include <gtest/gtest.h>

#include <tests/support/graphs.h>

namespace lathe::transform {
namespace {

TEST(Rewrite, BaseNameDropsNamespaceOverloadAndUnderscore) {
    EXPECT_EQ(baseName("aten::add_.Tensor"), "add");
    EXPECT_EQ(baseName("aten::relu"), "relu");
    EXPECT_EQ(baseName("aten::__and__.Tensor"), "__and__");
    EXPECT_EQ(baseName("flatten.using_ints"), "flatten");
}

TEST(Rewrite, FiniteValuesRefusesWhatHasNoMeaning) {
    graph::Graph graph;
    const auto check = [&](tensor::Tensor data) {
        return finiteValues(graph.value(graph.addWeight(graph.freeValueName("w"), std::move(data))));
    };
    EXPECT_EQ(check(tensor::Tensor::of<float>({2}, {1, 2})).value(), (std::vector<float>{1, 2}));
    EXPECT_TRUE(check(tensor::Tensor::of<float>({0}, {})));
    EXPECT_TRUE(check(tensor::Tensor::of<float>({2}, {1, 2}).to(tensor::DType::Float16)));
    const auto nan = check(tensor::Tensor::of<float>({2}, {1, std::numeric_limits<float>::quiet_NaN()}));
    ASSERT_FALSE(nan);
    EXPECT_EQ(nan.error().message, "\"w_3\" holds NaN or infinity (first at element 1).");
    EXPECT_FALSE(check(tensor::Tensor::of<float>({1}, {std::numeric_limits<float>::infinity()})));
    EXPECT_FALSE(check(tensor::Tensor::of<std::int8_t>({1}, {1})));
}

TEST(Rewrite, InsertsBeforeThePositionAndKeepsNamesUnique) {
    graph::Graph graph = support::smallConvNet();
    const auto input = graph.main.inputs.front();
    const auto& node = insertNode(graph, 1, "aten::relu", "relu1", {input});
    EXPECT_EQ(node.name, "relu1_1");
    EXPECT_EQ(graph.main.nodes[0].name, "conv1");
    EXPECT_EQ(graph.main.nodes[1].name, "relu1_1");
    EXPECT_EQ(graph.main.nodes[2].name, "relu1");
    EXPECT_TRUE(graph::verify(graph));
}

TEST(Rewrite, FindsTheFirstReaderAlsoInsideBlocks) {
    graph::Graph graph = support::smallConvNet();
    const auto relu = graph.findNode("relu1")->results.front();
    EXPECT_EQ(firstUse(graph, relu), 2U);
    graph::Block inner;
    inner.outputs = {relu};
    graph.findNode("relu1")->blocks.push_back(inner);
    EXPECT_EQ(firstUse(graph, relu), 1U);
    EXPECT_EQ(firstUse(graph, graph.findNode("fc")->results.front()), graph.main.nodes.size());
}

TEST(Rewrite, ErasesByNameInAllBlocks) {
    graph::Graph graph;
    const auto x = graph.addInput("x");
    graph.addNode("aten::relu", "outer", {x});
    graph::Node inner;
    inner.op = "aten::relu";
    inner.name = "inner";
    graph.main.nodes.front().blocks.push_back({{}, {inner}, {}});
    eraseNodes(graph, {"inner"});
    ASSERT_EQ(graph.main.nodes.size(), 1U);
    EXPECT_TRUE(graph.main.nodes.front().blocks.front().nodes.empty());
    eraseNodes(graph, {"outer"});
    EXPECT_TRUE(graph.main.nodes.empty());
}

} // namespace
} // namespace lathe::transform
