#include <core/runtime/lowering/patterns/dynamic_layer.h>

#include <gtest/gtest.h>

#include <tests/core/runtime/real_and_simulated.h>
#include <tests/support/graphs.h>

namespace lathe::runtime::testing {
namespace {

/// choose_qparams → quantize → dequantize → layer.
Graph dynamicLayer(bool isConvolution, std::string_view choose, const Grid& grid) {
    Graph graph;
    const auto x = graph.addInput("x");
    const std::vector<Operand> range = {integer(grid.minimum), integer(grid.maximum), real(1e-9), word(grid.dtype)};
    const graph::Node chosen = graph.addNode(std::string(choose), "choose", {x, range[0], range[1], range[2], range[3]}, 2);
    const auto operands = [&](graph::ValueId value) {
        return std::vector<Operand>{value, chosen.results[0], chosen.results[1], range[0], range[1], range[3]};
    };
    const auto q = graph.addNode(std::string(graph::op::quantizePerTensorDynamic), "quantize", operands(x)).results[0];
    const auto dq = graph.addNode(std::string(graph::op::dequantizePerTensorDynamic), "dequantize", operands(q)).results[0];
    const auto y = isConvolution ? addQuantizedConv(graph, "layer", dq, 3, 5, {3, 3}) : addQuantizedLinear(graph, "layer", dq, 10, 4);
    graph.main.outputs.emplace_back(addRelu(graph, "relu", y));
    return graph;
}

TEST(Lower, DynamicLayersUseTheRangeThatSimulationUses) {
    for (const bool isConvolution : {false, true}) {
        for (const auto choose : {graph::op::chooseQparams, graph::op::chooseQparamsSymmetric}) {
            for (const Grid& grid : {Grid{0, 0, 0, 255, "uint8"}, Grid{0, 0, 0, 127, "uint8"}, Grid{0, 0, -128, 127, "int8"}}) {
                const Graph graph = dynamicLayer(isConvolution, choose, grid);
                Plan real = compiled(graph);
                Plan floats = simulated(graph);
                ASSERT_EQ(real.instructions().size(), 1u);
                EXPECT_TRUE(real.instructions()[0].isReal);
                EXPECT_NE(real.instructions()[0].kernel.find("+relu, dynamic range, float output"), std::string::npos);
                for (const double size : {0.01, 1.0, 50.0}) {
                    const at::Tensor x = (isConvolution ? at::randn({2, 3, 6, 6}) : at::randn({4, 10})) * size;
                    EXPECT_TRUE(at::allclose(runOn(real, x), runOn(floats, x), 1e-4, 1e-4 * size));
                }
            }
        }
    }
}

/// choose → quantize → dequantize with a grid for each row → layer → relu.
Graph perTokenLayer(bool isConvolution) {
    Graph graph;
    const auto x = graph.addInput("x");
    const auto dq = support::addPerTokenQdq(graph, x);
    const auto y = isConvolution ? addQuantizedConv(graph, "layer", dq, 3, 5, {3, 3}) : addQuantizedLinear(graph, "layer", dq, 10, 13);
    graph.main.outputs.emplace_back(addRelu(graph, "relu", y));
    return graph;
}

TEST(Lower, PerTokenLayersGiveEachRowItsOwnRange) {
    const Graph graph = perTokenLayer(false);
    Plan real = compiled(graph);
    Plan floats = simulated(graph);
    ASSERT_EQ(real.instructions().size(), 1u);
    EXPECT_TRUE(real.instructions()[0].isReal);
    EXPECT_NE(real.instructions()[0].kernel.find("+relu, dynamic range per token, float output"), std::string::npos);
    for (const std::vector<std::int64_t>& sizes : std::vector<std::vector<std::int64_t>>{{10}, {1, 10}, {70, 10}, {2, 5, 10}, {0, 10}}) {
        for (const double size : {0.01, 1.0, 50.0}) {
            const at::Tensor x = at::randn(sizes) * size;
            EXPECT_TRUE(at::allclose(runOn(real, x), runOn(floats, x), 1e-4, 2e-3 * size)) << sizes << " " << size;
        }
    }
    // A row with large numbers changes nothing in the others.
    at::Tensor x = at::randn({6, 10});
    const at::Tensor before = runOn(real, x).clone();
    x[5].mul_(1e4);
    EXPECT_TRUE(at::equal(runOn(real, x).slice(0, 0, 5), before.slice(0, 0, 5)));
}

TEST(Lower, PerTokenInFrontOfAConvolutionStaysSimulated) {
    Plan plan = compiled(perTokenLayer(true));
    const InstructionInfo* layer = infoOf(plan, "layer");
    ASSERT_TRUE(layer);
    EXPECT_FALSE(layer->isReal);
    EXPECT_EQ(runOn(plan, at::randn({2, 3, 6, 6})).size(1), 5);
}

} // namespace
} // namespace lathe::runtime::testing
