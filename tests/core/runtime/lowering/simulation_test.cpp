#include <core/runtime/lowering/simulation.h>

#include <gtest/gtest.h>

#include <core/graph/editor.h>
#include <core/quantization/half.h>
#include <core/runtime/cpu.h>
#include <tests/core/runtime/quantized_graphs.h>
#include <tests/support/graphs.h>

namespace lathe::runtime::testing {
namespace {

std::string reasonOf(const Graph& graph, const std::string& node) {
    const Lowered lowered = lower(graph);
    const auto known = lowered.nodes.find(node);
    return known == lowered.nodes.end() ? std::string() : known->second.reason.text();
}

TEST(Simulation, SaysWhatKeepsALayerInFloat) {
    const Grid grid{0.05, 64, 0, 127};
    const auto layer = [&](const std::function<graph::ValueId(Graph&, graph::ValueId)>& add) {
        Graph graph;
        graph.main.outputs.emplace_back(add(graph, addPair(graph, "in", graph.addInput("x"), grid)));
        return reasonOf(graph, "layer");
    };
    EXPECT_EQ(layer([](Graph& graph, graph::ValueId x) { return addLinear(graph, "layer", x, 6, 5); }),
              "its weights are not quantized: the arithmetic is float");
    EXPECT_EQ(layer([](Graph& graph, graph::ValueId x) {
                  const auto weight = addIntegerWeight(graph, "layer", {4, 2, 3});
                  return graph.addNode("aten::conv1d", "layer", {x, weight}).results[0];
              }),
              "no integer kernel for aten::conv1d: the arithmetic is float");
    EXPECT_EQ(layer([](Graph& graph, graph::ValueId x) {
                  const auto weight = addIntegerWeight(graph, "layer", {5, 6});
                  return graph.addNode("aten::linear", "layer", {x, weight, graph.addInput("bias")}).results[0];
              }),
              "its bias is no float32 weight: the arithmetic is float");
    EXPECT_EQ(
        layer([](Graph& graph, graph::ValueId x) {
            const auto weight = addIntegerWeight(graph, "layer", {5, 6, 3, 3});
            const auto stride = graph.addInput("stride", graph::TypeKind::IntList);
            return graph.addNode("aten::conv2d", "layer", {x, weight, none(), stride, ints({0, 0}), ints({1, 1}), integer(1)}).results[0];
        }),
        "its stride, padding, dilation or groups are computed in the model: the arithmetic is float");
    EXPECT_EQ(layer([](Graph& graph, graph::ValueId x) { return addQuantizedLinear(graph, "layer", x, 70'000, 1, WeightForm::PerTensor); }),
              "the sums of its products could leave 32 bits: the arithmetic is float");
}

TEST(Simulation, TokensOfAnImageHaveNoKernel) {
    Graph graph;
    const auto dq = support::addPerTokenQdq(graph, graph.addInput("x"));
    graph.main.outputs.emplace_back(addQuantizedConv(graph, "layer", dq, 3, 5, {3, 3}));
    EXPECT_EQ(reasonOf(graph, "layer"), "a convolution has no range for each token: the arithmetic is float");
}

TEST(Simulation, ARangeThatBytesCannotHold) {
    const Grid wide{0.001, 0, -32768, 32767, "int16"};
    Graph graph;
    graph.main.outputs.emplace_back(addQuantizedLinear(graph, "layer", addPair(graph, "in", graph.addInput("x"), wide), 6, 5));
    EXPECT_EQ(reasonOf(graph, "layer"), "its quantization is not of a form that integer kernels have: the arithmetic is float");
}

TEST(Simulation, KeptWholeForAReason) {
    const Lowered lowered = keepSimulated(quantizedLeNet(), base::Message("kernel.training", {}));
    EXPECT_EQ(lowered.graph.main.nodes.size(), quantizedLeNet().main.nodes.size());
    for (const char* node : {"conv1", "fc3", "input.quantize"}) {
        ASSERT_TRUE(lowered.nodes.contains(node)) << node;
        EXPECT_TRUE(lowered.nodes.at(node).isSimulated);
        EXPECT_EQ(lowered.nodes.at(node).reason.text(), "training runs in float");
    }
    EXPECT_FALSE(lowered.nodes.contains("pool1")) << "has nothing to do with quantization";
}

/// A layer that reads an input rounded to `half`, lowered for plans that may round differently.
const LoweredNode* rounded(Lowered& lowered, tensor::DType half, bool isConvolution) {
    Graph graph;
    const auto x = graph.addInput("x");
    graph.value(x).dtype = tensor::DType::Float32;
    graph.main.outputs.emplace_back(
        isConvolution ? graph.addNode("aten::conv1d", "layer", {x, addRandomWeight(graph, "weight", {4, 2, 3})}).results[0]
                      : addLinear(graph, "layer", x, 6, 5));
    graph::Editor editor(graph);
    (void)quantization::insertHalfRounding(editor, x, half, editor.uses(x));
    editor.finish();
    lowered = lower(graph, true);
    const auto known = lowered.nodes.find("layer");
    return known == lowered.nodes.end() ? nullptr : &known->second;
}

TEST(Simulation, HalvesThatAreMultipliedAsFloats) {
    Lowered lowered;
    const LoweredNode* layer = rounded(lowered, tensor::DType::Float16, false);
    ASSERT_NE(layer, nullptr);
    EXPECT_EQ(layer->reason.text(), "no kernel multiplies float16 here: the rounded numbers are multiplied as float32");
    EXPECT_TRUE(layer->isSimulated);
    layer = rounded(lowered, tensor::DType::BFloat16, false);
    ASSERT_NE(layer, nullptr);
    EXPECT_EQ(layer->reason.text(), "its weights are not quantized: the arithmetic is float");
    layer = rounded(lowered, tensor::DType::Float16, true);
    ASSERT_NE(layer, nullptr);
    EXPECT_EQ(layer->reason.text(), "no kernel multiplies float16 here: the rounded numbers are multiplied as float32");
    EXPECT_TRUE(layer->isSimulated);
    layer = rounded(lowered, tensor::DType::BFloat16, true);
    ASSERT_NE(layer, nullptr);
    EXPECT_EQ(layer->reason.text(), cpuHasBfloat16()
                                        ? "no bfloat16 kernel has this form: the rounded numbers are multiplied as float32"
                                        : "this CPU does not multiply bfloat16: the rounded numbers are multiplied as float32");
}

} // namespace
} // namespace lathe::runtime::testing
