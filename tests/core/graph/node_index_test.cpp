#include <core/graph/node_index.h>

#include <gtest/gtest.h>

#include <tests/support/graphs.h>

namespace lathe::graph {
namespace {

TEST(NodeIndex, FindsWhatFindNodeFinds) {
    Graph graph = support::smallConvNet();
    Node inner;
    inner.op = "aten::relu";
    inner.name = "inside";
    graph.main.nodes.back().blocks.emplace_back().nodes.push_back(inner);
    const NodeIndex nodes(graph);
    forEachNode(std::as_const(graph),
                [&](const Node& node) { EXPECT_EQ(nodes.find(node.name), std::as_const(graph).findNode(node.name)); });
    EXPECT_NE(nodes.find("inside"), nullptr);
    EXPECT_EQ(nodes.find("nowhere"), nullptr);
}

} // namespace
} // namespace lathe::graph
