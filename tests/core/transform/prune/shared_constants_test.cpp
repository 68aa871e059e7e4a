#include <core/transform/prune/shared_constants.h>

#include <gtest/gtest.h>

#include <core/transform/rewrite.h>
#include <tests/support/graphs.h>

namespace lathe::transform {
namespace {

TEST(SharedConstants, EachReaderOfAVectorHasItsOwnWhileChannelsGo) {
    graph::Graph graph;
    const auto x = graph.addInput("x");
    const auto bias = graph.addWeight("bias", support::randomTensor({3}, 1)),
               matrix = graph.addWeight("w", support::randomTensor({3, 3}, 2));
    const auto a = graph.addNode("aten::linear", "a", {x, matrix, bias}).results[0];
    const auto b = graph.addNode("aten::linear", "b", {a, matrix, bias}).results[0];
    graph.main.outputs = {graph.addNode("aten::linear", "c", {b, matrix, bias}).results[0]};
    SharedConstants constants(graph);
    ASSERT_TRUE(graph::verify(graph));
    const auto biasOf = [&](const char* node) { return graph.findNode(node)->operands[2].value(); };
    EXPECT_NE(biasOf("a"), biasOf("b"));
    EXPECT_NE(biasOf("b"), biasOf("c"));
    EXPECT_EQ(graph.findNode("a")->operands[1], graph.findNode("b")->operands[1]); // a matrix stays tied
    EXPECT_EQ(graph.value(biasOf("b")).data.storage(), graph.value(bias).data.storage());
    const auto shrunk = biasOf("b");
    setWeight(graph, shrunk, support::randomTensor({2}, 3));
    constants.join();
    EXPECT_EQ(biasOf("b"), shrunk);
    EXPECT_EQ(biasOf("a"), biasOf("c"));
}

} // namespace
} // namespace lathe::transform
