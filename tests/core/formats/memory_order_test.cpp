#include <core/formats/memory_order.h>

#include <gtest/gtest.h>

#include <core/quantization/insert_qdq.h>
#include <tests/support/graphs.h>

namespace lathe::formats {
namespace {

using graph::Graph;
using graph::ValueId;
using support::ints;
using support::number;

/// x → relu → transpose → view → linear → view
Graph transposed(bool isQuantized) {
    Graph graph;
    const ValueId x = graph.addInput("x");
    const ValueId weight = graph.addWeight("fc.weight", support::randomTensor({3, 6}, 1));
    const ValueId relu = graph.addNode("aten::relu", "relu", {x}).results[0];
    const ValueId turned = graph.addNode("aten::transpose.int", "turn", {relu, number(1), number(2)}).results[0];
    const ValueId flat = graph.addNode("aten::view", "flat", {turned, ints({-1, 6})}).results[0];
    const ValueId out = graph.addNode("aten::linear", "fc", {flat, weight, graph::Operand()}).results[0];
    graph.main.outputs = {graph.addNode("aten::view", "heads", {out, ints({-1, 3, 1})}).results[0]};
    if (isQuantized) {
        graph::Editor editor(graph);
        (void)quantization::insertQdq(editor, relu, {0.5, 0});
    }
    return graph;
}

TEST(MemoryOrder, AViewOfWhatWasQuantizedIsWrittenAsReshape) {
    const Graph graph = transposed(true);
    const MemoryOrder order(graph);
    EXPECT_EQ(order.spelled(*graph.findNode("flat")), "aten::reshape");
    EXPECT_EQ(order.spelled(*graph.findNode("turn")), "aten::transpose.int");
}

TEST(MemoryOrder, LayersGiveTheUsualOrder) {
    const Graph graph = transposed(true);
    EXPECT_EQ(MemoryOrder(graph).spelled(*graph.findNode("heads")), "aten::view");
}

TEST(MemoryOrder, FloatModelsKeepTheirViews) {
    const Graph graph = transposed(false);
    EXPECT_EQ(MemoryOrder(graph).spelled(*graph.findNode("flat")), "aten::view");
}

} // namespace
} // namespace lathe::formats
