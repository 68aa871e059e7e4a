#include <core/runtime/lowering/patterns/byte_operator.h>

#include <gtest/gtest.h>

#include <tests/core/runtime/real_and_simulated.h>

namespace lathe::runtime::testing {
namespace {

TEST(Lower, OperatorsThatMoveValuesRunOnBytes) {
    const Grid grid{0.05, 64, 0, 127};
    Graph graph;
    auto value = addPair(graph, "in", graph.addInput("x"), grid);
    value = addQuantizedConv(graph, "conv", value, 2, 4, {3, 3});
    value = addPair(graph, "mid", value, grid);
    value = graph.addNode("aten::permute", "permute", {value, ints({0, 2, 3, 1})}).results[0];
    value = graph.addNode("aten::transpose.int", "transpose", {value, integer(1), integer(2)}).results[0];
    value = graph.addNode("aten::reshape", "reshape", {value, ints({-1, 4, 4})}).results[0];
    value = addRelu(graph, "relu", value);
    value = graph.addNode("aten::view", "view", {value, ints({-1, 16})}).results[0];
    value = addPair(graph, "out", value, grid);
    graph.main.outputs.emplace_back(addQuantizedLinear(graph, "fc", value, 16, 3));
    const auto plan = compiled(graph);
    for (const InstructionInfo& info : plan.instructions())
        EXPECT_TRUE(info.isReal) << info.node;
    EXPECT_EQ(plan.instructions().size(), 8u);
    expectSameWithinAStep(graph, at::randn({3, 2, 6, 6}), 0.2);
}

TEST(Lower, ReluBehindQuantizationIsDoneByTheLayer) {
    for (const Grid& grid : {Grid{0.05, 64, 0, 127}, Grid{0.03, 0, 0, 127}}) {
        Graph graph;
        auto value = addPair(graph, "in", graph.addInput("x"), Grid{0.05, 64, 0, 127});
        value = addPair(graph, "mid", addQuantizedConv(graph, "conv", value, 2, 4, {3, 3}), grid);
        value = addPair(graph, "out", addMaxPool(graph, "pool", addRelu(graph, "relu", value)), grid);
        graph.main.outputs.emplace_back(value);
        const Plan plan = compiled(graph);
        EXPECT_EQ(plan.instructions().size(), 4u) << "quantize, conv, pool, dequantize";
        const auto& covers = infoOf(plan, "conv")->covers;
        EXPECT_NE(std::find(covers.begin(), covers.end(), "relu"), covers.end());
        expectSameWithinAStep(graph, at::randn({3, 2, 8, 8}), grid.scale);
    }
}

TEST(Lower, AveragingStaysOnBytesOnlyOnTheSameGrid) {
    const Grid grid{0.05, 64, 0, 127};
    for (const bool sameGrid : {true, false}) {
        Graph graph;
        auto value = addPair(graph, "in", graph.addInput("x"), grid);
        value = graph.addNode("aten::avg_pool2d", "average", {value, ints({3, 5})}).results[0];
        value = addPair(graph, "out", value, sameGrid ? grid : Grid{0.01, 64, 0, 127});
        graph.main.outputs.emplace_back(value);
        EXPECT_EQ(compiled(graph).instructions().size(), sameGrid ? 3u : 5u);
        // Averages of 15 numbers never lie in the middle between two bytes, where the two ways may round differently.
        expectSameWithinAStep(graph, at::randn({2, 3, 3, 5}), grid.scale);
    }
}

} // namespace
} // namespace lathe::runtime::testing
