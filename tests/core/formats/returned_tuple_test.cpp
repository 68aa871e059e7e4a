#include <core/formats/returned_tuple.h>

#include <gtest/gtest.h>

namespace lathe::formats {
namespace {

using graph::Operand;

/// relu and tanh of x, then a node that puts these operands together.
graph::Graph returning(const std::string& op, bool isSecondTensor = true, std::size_t elements = 2) {
    graph::Graph graph;
    const auto x = graph.addInput("x");
    std::vector<Operand> parts{graph.addNode("aten::relu", "relu", {x}).results[0], graph.addNode("aten::tanh", "tanh", {x}).results[0]};
    if (!isSecondTensor) graph.value(parts[1].value()).type = graph::TypeKind::Int;
    parts.resize(elements);
    graph.main.outputs = {graph.addNode(op, "together", std::move(parts)).results[0]};
    return graph;
}

TEST(ReturnedTuple, ItsTensorsAreReturned) {
    graph::Graph graph = returning("prim::TupleConstruct");
    returnElements(graph);
    ASSERT_EQ(graph.main.outputs.size(), 2U);
    EXPECT_EQ(graph.value(graph.main.outputs[0].value()).name, "relu_out");
    EXPECT_EQ(graph.value(graph.main.outputs[1].value()).name, "tanh_out");
    EXPECT_EQ(graph.findNode("together"), nullptr);
    EXPECT_TRUE(graph::verify(graph));
}

TEST(ReturnedTuple, IsKeptWhereItIsReadOtherwise) {
    graph::Graph graph = returning("prim::TupleConstruct");
    graph.addNode("prim::TupleUnpack", "apart", {graph.findNode("together")->results[0]}, 2);
    returnElements(graph);
    EXPECT_EQ(graph.main.outputs.size(), 2U);
    EXPECT_NE(graph.findNode("together"), nullptr);
    EXPECT_TRUE(graph::verify(graph));
}

TEST(ReturnedTuple, OthersStay) {
    for (graph::Graph graph :
         {returning("prim::ListConstruct"), returning("prim::TupleConstruct", false), returning("prim::TupleConstruct", true, 1)}) {
        returnElements(graph);
        EXPECT_EQ(graph.main.outputs.size(), 1U);
        EXPECT_NE(graph.findNode("together"), nullptr);
    }
}

} // namespace
} // namespace lathe::formats
