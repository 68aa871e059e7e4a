#include <core/runtime/lowering/patterns/static_linear.h>

#include <gtest/gtest.h>

#include <tests/core/runtime/real_and_simulated.h>

namespace lathe::runtime::testing {
namespace {

TEST(Lower, SignedGridsAndFullRange) {
    for (const Grid& grid :
         {Grid{0.03, 0, -128, 127, "int8"}, Grid{0.03, 5, -127, 127, "int8"}, Grid{0.03, 120, 0, 255}, Grid{0.3, 3, 0, 15}}) {
        Graph graph;
        auto value = addPair(graph, "in", graph.addInput("x"), grid);
        value = addPair(graph, "out", addQuantizedLinear(graph, "fc", value, 31, 13), grid);
        graph.main.outputs.emplace_back(value);
        expectSameWithinAStep(graph, at::randn({6, 31}) * 3, grid.scale);
        EXPECT_EQ(compiled(graph).instructions().size(), 3u) << "quantize, fc, dequantize";
    }
}

TEST(Lower, LinearOnMoreDimensions) {
    const Grid grid{0.05, 64, 0, 127};
    Graph graph;
    auto value = addPair(graph, "in", graph.addInput("x"), grid);
    graph.main.outputs.emplace_back(addPair(graph, "out", addQuantizedLinear(graph, "fc", value, 6, 5), grid));
    expectSameWithinAStep(graph, at::randn({2, 3, 4, 6}), grid.scale);
    expectSameWithinAStep(graph, at::randn({6}), grid.scale);
}

} // namespace
} // namespace lathe::runtime::testing
