#include <core/graph/graph.h>

#include <gtest/gtest.h>

#include <tests/support/graphs.h>

namespace lathe::graph {
namespace {

TEST(Text, ShowsEverythingThatEqualityCompares) {
    EXPECT_EQ(text(support::smallConvNet()), R"(graph small(x: float32[1,2,10,10])
weight conv1.weight: float32[4,2,3,3]
weight conv1.bias: float32[4]
weight fc.weight: float32[3,64]
weight fc.bias: float32[3]
conv1_out: float32[1,4,8,8] = aten::conv2d(x, conv1.weight, conv1.bias, [1, 1], [0, 0], [1, 1], 1)  # conv1
relu1_out: float32[1,4,8,8] = aten::relu(conv1_out)  # relu1
pool1_out: float32[1,4,4,4] = aten::max_pool2d(relu1_out, [2, 2], [2, 2], [0, 0], [1, 1], False)  # pool1
flatten_out: float32[1,64] = aten::flatten.using_ints(pool1_out, 1, -1)  # flatten
fc_out: float32[1,3] = aten::linear(flatten_out, fc.weight, fc.bias)  # fc
return fc_out
)");
}

TEST(Text, ShowsBlocksListsAndSymbols) {
    Graph graph;
    graph.name = "g";
    const ValueId condition = graph.addInput("c", TypeKind::Bool);
    const ValueId x = graph.addInput("x");
    graph.value(x).shape = {Dim{-1, "N"}, Dim{3, ""}};
    Node& branch = graph.addNode("prim::If", "if", {condition});
    branch.blocks.resize(2);
    branch.blocks[0].outputs = {Operand(std::vector<Operand>{x, Literal(std::string("s")), Literal()})};
    branch.blocks[1].outputs = {x};
    EXPECT_EQ(text(graph), R"(graph g(c: bool, x: Tensor[N,3])
if_out: Tensor = prim::If(c)  # if
  block():
    return [x, "s", None]
  block():
    return x
return 
)");
}

} // namespace
} // namespace lathe::graph
