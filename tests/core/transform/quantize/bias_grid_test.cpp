#include <core/transform/quantize/bias_grid.h>

#include <cmath>

#include <gtest/gtest.h>

#include <core/graph/editor.h>
#include <core/graph/operators/names.h>
#include <core/quantization/insert_qdq.h>
#include <tests/support/graphs.h>

namespace lathe::transform {
namespace {

using graph::Graph;
using graph::ValueId;
using tensor::DType;
using tensor::Tensor;

constexpr double inputScale = 0.02;
const std::vector<float> channelScales{0.01F, 0.02F, 0.005F, 0.04F};

/// smallConvNet with its input and the weight of conv1 on grids; fc stays in float.
Graph quantizedNet() {
    Graph graph = support::smallConvNet();
    graph::Editor editor(graph);
    quantization::insertQdq(editor, graph.main.inputs[0], {inputScale, 128, 0, 255, DType::UInt8});
    quantization::insertWeightDequantize(editor, *graph.findValue("conv1.weight"), Tensor::zeros(DType::Int8, {4, 2, 3, 3}),
                                         {quantization::signedRange(8, quantization::Scheme::Symmetric), quantization::Scheme::Symmetric,
                                          quantization::Granularity::Channel},
                                         {channelScales, {0, 0, 0, 0}});
    editor.finish();
    return graph;
}

std::vector<float> biasOf(const Graph& graph, const char* node) {
    return graph.value(graph.findNode(node)->operands[2].value()).data.toFloats();
}

TEST(RoundBiases, AreWholeNumbersOfUnits) {
    Graph graph = quantizedNet();
    const std::vector<float> before = biasOf(graph, "conv1"), other = biasOf(graph, "fc");
    EXPECT_EQ(roundBiases(graph), 1);
    ASSERT_TRUE(graph::verify(graph));
    const std::vector<float> after = biasOf(graph, "conv1");
    for (std::size_t channel = 0; channel < 4; ++channel) {
        const double unit = inputScale * static_cast<double>(channelScales[channel]);
        const double units = static_cast<double>(after[channel]) / unit;
        EXPECT_NEAR(units, std::round(units), 1e-3) << channel;
        EXPECT_LE(std::abs(after[channel] - before[channel]), 0.5001 * unit) << channel;
    }
    EXPECT_NE(after, before);
    EXPECT_EQ(biasOf(graph, "fc"), other) << "its input is float";
    EXPECT_EQ(roundBiases(graph), 1);
    EXPECT_EQ(biasOf(graph, "conv1"), after) << "once more changes nothing";
}

TEST(RoundBiases, TooLargeOnesStay) {
    Graph graph = quantizedNet();
    const std::vector<float> large{1e7F, 0.1F, 0.2F, 0.3F}; // 5e10 units
    graph.value(*graph.findValue("conv1.bias")).data = Tensor::of<float>({4}, large);
    EXPECT_EQ(roundBiases(graph), 0);
    EXPECT_EQ(biasOf(graph, "conv1"), large);
}

TEST(RoundBiases, OthersThatReadItKeepTheirs) {
    Graph graph = quantizedNet();
    const std::vector<float> before = biasOf(graph, "conv1");
    const ValueId bias = *graph.findValue("conv1.bias");
    graph.main.outputs.emplace_back(bias);
    EXPECT_EQ(roundBiases(graph), 1);
    ASSERT_TRUE(graph::verify(graph));
    EXPECT_EQ(graph.value(bias).data.toFloats(), before);
    EXPECT_NE(biasOf(graph, "conv1"), before);
}

TEST(RoundBiases, WeightsInFloatHaveNoUnit) {
    Graph graph = support::smallConvNet();
    graph::Editor editor(graph);
    quantization::insertQdq(editor, graph.main.inputs[0], {inputScale, 128, 0, 255, DType::UInt8});
    editor.finish();
    EXPECT_EQ(roundBiases(graph), 0);
}

} // namespace
} // namespace lathe::transform
