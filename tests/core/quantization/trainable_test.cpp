#include <core/quantization/trainable.h>

#include <cmath>

#include <gtest/gtest.h>

#include <core/graph/editor.h>
#include <core/graph/operators/names.h>
#include <core/quantization/insert_qdq.h>
#include <tests/support/graphs.h>

namespace lathe::quantization {
namespace {

using tensor::Tensor;

/// smallConvNet() with int4 weights, per channel in the convolution and per tensor in the linear layer, and 8-bit activations.
graph::Graph quantizedNet() {
    graph::Graph graph = support::smallConvNet();
    graph::Editor editor(graph);
    const auto integers = [](const tensor::Shape& shape) {
        std::vector<std::int8_t> values(static_cast<std::size_t>(tensor::elementCount(shape)));
        for (std::size_t at = 0; at < values.size(); ++at)
            values[at] = static_cast<std::int8_t>(static_cast<int>(at % 15) - 7);
        return Tensor::of(shape, values);
    };
    const Grid grid{signedRange(4, Scheme::Symmetric), Scheme::Symmetric, Granularity::Channel, 0};
    insertWeightDequantize(editor, *graph.findValue("conv1.weight"), integers({4, 2, 3, 3}), grid,
                           {{0.5F, 0.25F, 0.125F, 1}, {0, 0, 1, 0}});
    insertWeightDequantize(editor, *graph.findValue("fc.weight"), integers({3, 64}), grid, {{0.0625F}, {2}});
    (void)insertQdq(editor, graph.main.inputs[0], {0.03125, 128});
    (void)insertQdq(editor, graph.findNode("pool1")->results.front(), {0.25, 3});
    editor.finish();
    return graph;
}

const graph::Value& valueOf(const graph::Graph& graph, const char* name) { return graph.value(*graph.findValue(name)); }

TEST(TrainableForm, WeightsAreFloatParametersThatAreRounded) {
    const graph::Graph quantized = quantizedNet();
    EXPECT_TRUE(isQuantized(quantized));
    EXPECT_FALSE(isQuantized(support::smallConvNet()));
    const auto form = trainableForm(quantized);
    ASSERT_TRUE(form) << form.error().text();
    ASSERT_TRUE(graph::verify(form->graph));
    EXPECT_FALSE(isQuantized(form->graph));
    ASSERT_EQ(form->weights.size(), 2U);
    EXPECT_EQ(form->weights[0].name, "conv1.weight");
    const graph::Value& weight = valueOf(form->graph, "conv1.weight");
    EXPECT_TRUE(weight.isParameter);
    const std::vector<float> floats = weight.data.toFloats(), integers = valueOf(quantized, "conv1.weight").data.toFloats();
    const float scales[] = {0.5F, 0.25F, 0.125F, 1}, zeros[] = {0, 0, 1, 0};
    for (std::size_t at = 0; at < floats.size(); ++at)
        EXPECT_EQ(floats[at], (integers[at] - zeros[at / 18]) * scales[at / 18]) << at;
    const graph::Value& scale = valueOf(form->graph, form->weights[0].scale.c_str());
    EXPECT_TRUE(scale.isParameter);
    EXPECT_EQ(scale.data.toFloats(), (std::vector<float>{0.5F, 0.25F, 0.125F, 1}));
    const graph::Node& node = *form->graph.findNode("conv1.weight_dequantize");
    EXPECT_EQ(node.operands.back().literal<double>(), 1 / std::sqrt(18.0 * 7)) << "LSQ: numbers of a scale, largest integer";
    EXPECT_EQ(form->graph.findNode("pool1_quantize"), nullptr);
    EXPECT_EQ(form->graph.findNode("pool1_dequantize")->operands[0].value(), form->graph.findNode("pool1")->results[0]);
}

TEST(TrainableForm, WhatWasNotTrainedComesBackAsItWas) {
    const graph::Graph quantized = quantizedNet();
    const auto form = trainableForm(quantized).value();
    graph::Graph back = quantized;
    storeTrained(form, form.graph, back);
    EXPECT_TRUE(graph::structurallyEqual(back, quantized));
    for (const char* name : {"conv1.weight", "conv1.weight_scale", "conv1.bias", "fc.weight"})
        EXPECT_TRUE(valueOf(back, name).data.sameContent(valueOf(quantized, name).data)) << name;
}

TEST(TrainableForm, TrainedNumbersAreRoundedAndCut) {
    const graph::Graph quantized = quantizedNet();
    const auto form = trainableForm(quantized).value();
    graph::Graph trained = form.graph;
    const auto set = [&](const std::string& name, std::vector<float> values) {
        Tensor& data = trained.value(*trained.findValue(name)).data;
        values.resize(static_cast<std::size_t>(data.elementCount()));
        data = Tensor::of(data.shape(), values);
    };
    set(form.weights[1].name, {0.5F, 0.3F, -100, 100, 0.25F});
    set(form.weights[1].scale, {0.5F});
    set(form.weights[0].scale, {0.125F, 0.125F, 0.125F, 0.125F});
    set("fc.bias", {1, 2, 3});
    graph::Graph back = quantized;
    storeTrained(form, trained, back);
    const std::vector<float> integers = valueOf(back, "fc.weight").data.toFloats();
    // x / 0.5 + 2, to the nearest even where it lies in the middle, within −7 … 7.
    EXPECT_EQ(std::vector<float>(integers.begin(), integers.begin() + 5), (std::vector<float>{3, 3, -7, 7, 2}));
    EXPECT_EQ(valueOf(back, "fc.weight").data.dtype(), tensor::DType::Int8);
    EXPECT_EQ(back.findNode("fc.weight_dequantize")->operands[1].literal<double>(), 0.5);
    EXPECT_EQ(valueOf(back, "conv1.weight_scale").data.toFloats(), std::vector<float>(4, 0.125F));
    EXPECT_EQ(valueOf(back, "fc.bias").data.toFloats(), (std::vector<float>{1, 2, 3}));
    EXPECT_EQ(valueOf(quantized, "conv1.weight_scale").data.toFloats()[0], 0.5F) << "weights are shared, and stay";
}

TEST(TrainableForm, RefusesGridsThatAreChosenWhileTheModelRuns) {
    graph::Graph graph = support::smallConvNet();
    graph::Editor editor(graph);
    (void)insertDynamicQdq(editor, graph.main.inputs.front(), {"conv1"}, dynamicGrid({0, 127}));
    editor.finish();
    const auto form = trainableForm(graph);
    ASSERT_FALSE(form);
    EXPECT_EQ(form.error().code, base::ErrorCode::Unsupported);
    EXPECT_EQ(form.error().message,
              "The model is quantized (x_dequantize) and the grid is chosen while the model runs: fine-tuning must come "
              "before quantization.");
}

TEST(TrainableForm, RefusesIntegersThatAreComputedWith) {
    graph::Graph graph = quantizedNet();
    const auto integers = graph.findNode("pool1_quantize")->results.front();
    graph.main.outputs.emplace_back(integers);
    const auto form = trainableForm(graph);
    ASSERT_FALSE(form);
    EXPECT_NE(form.error().message.text().find("pool1_quantize"), std::string::npos) << form.error().message;
}

} // namespace
} // namespace lathe::quantization
