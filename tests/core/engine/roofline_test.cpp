#include <core/engine/roofline.h>

#include <gtest/gtest.h>

#include <core/engine/comparison.h>
#include <core/engine/fitted_model.h>
#include <core/graph/editor.h>
#include <core/graph/graph.h>
#include <core/quantization/half.h>
#include <tests/core/engine/sample_model.h>

namespace lathe::engine {
namespace {

using enum runtime::Products;

graph::Graph annotatedSample() {
    graph::Graph graph = support::sampleModel().graph;
    EXPECT_TRUE(annotate(graph, *data::openDataset(support::smallData).value()));
    return graph;
}

std::optional<InstructionWork> work(const graph::Graph& graph, const std::vector<std::string>& covers, std::int64_t batch) {
    return workOf(graph, graph::UseIndex(graph), graph::NodeIndex(graph), covers, batch);
}

/// conv1 of LeNet-5: 1×32×32 → 6×28×28, kernel 5×5, counted by hand.
TEST(Roofline, CountsWhatALayerMovesAndMultiplies) {
    const graph::Graph graph = annotatedSample();
    const std::int64_t weights = 6 * 25 + 6, input = 32 * 32, output = 6 * 28 * 28, macs = 6 * 28 * 28 * 25;
    EXPECT_EQ(work(graph, {"conv1"}, 1), (InstructionWork{macs, 4 * (weights + input + output), Float32}));
    EXPECT_EQ(work(graph, {"conv1"}, 16), (InstructionWork{16 * macs, 4 * (weights + 16 * (input + output)), Float32}));
    // Nothing goes to memory between nodes that one instruction covers.
    EXPECT_EQ(work(graph, {"conv1", "relu"}, 1), (InstructionWork{macs, 4 * (weights + input + output), Float32}));
    EXPECT_EQ(work(graph, {"relu"}, 1), (InstructionWork{0, 4 * 2 * output, Float32}));
}

TEST(Roofline, ALayerOfHalvesMovesAndMultipliesThem) {
    graph::Graph graph = annotatedSample();
    graph::Editor editor(graph);
    quantization::insertHalfWeight(editor, *graph.findValue("conv1.weight"), tensor::DType::BFloat16);
    (void)quantization::insertHalfRounding(editor, graph.main.inputs.front(), tensor::DType::BFloat16,
                                           editor.uses(graph.main.inputs.front()));
    editor.finish();
    const graph::UseIndex uses(graph);
    const auto makerOf = [&](std::size_t operand) { return uses.producer(graph.findNode("conv1")->operands[operand].value())->name; };
    const std::int64_t input = 32 * 32, output = 6 * 28 * 28, macs = 6 * 28 * 28 * 25;
    EXPECT_EQ(work(graph, {makerOf(0), makerOf(1), "conv1"}, 1),
              (InstructionWork{macs, 2 * 6 * 25 + 4 * 6 + 2 * input + 4 * output, Bfloat16}));
    EXPECT_EQ(work(graph, {makerOf(1), "conv1"}, 1), (InstructionWork{macs, 2 * 6 * 25 + 4 * 6 + 4 * input + 4 * output, Float32}));
}

TEST(Roofline, WhatItDoesNotKnowIsNoNumber) {
    graph::Graph graph = annotatedSample();
    EXPECT_EQ(work(graph, {"nothing of this name"}, 1), std::nullopt);
    graph.value(graph.findNode("relu")->results.front()).shape.reset();
    EXPECT_EQ(work(graph, {"relu"}, 1), std::nullopt);
}

TEST(Roofline, TheLeastTimeIsThatOfWhatTakesLonger) {
    runtime::MachineLimits limits;
    limits.float32MacsPerUs = 100;
    limits.bfloat16MacsPerUs = 200;
    limits.int8MacsPerUs = 400;
    limits.copying = {{{1000, 50}, {2000, 20}, {4000, 10}, {8000, 5}}};
    EXPECT_DOUBLE_EQ(limits.leastUs(1000, 100, Float32), 10);
    EXPECT_DOUBLE_EQ(limits.leastUs(1000, 100, Bfloat16), 5);
    EXPECT_DOUBLE_EQ(limits.leastUs(1000, 100, Int8), 2.5);
    EXPECT_DOUBLE_EQ(limits.leastUs(0, 1000, Float32), 20);
    EXPECT_DOUBLE_EQ(limits.leastUs(0, 1001, Float32), 1001.0 / 20);
    EXPECT_DOUBLE_EQ(limits.leastUs(10, 100'000, Float32), 20'000) << "beyond the last cache it is memory";
}

/// Of the whole chain: integers in a quantized model count as bytes, and every layer has a share.
TEST(Roofline, EachLayerOfARunHasItsShare) {
    const base::TemporaryFolder folder;
    ComparisonRequest wanted;
    wanted.modelFile = support::sampleFile();
    wanted.recipe = support::recipeOf(R"({"lathe": 1, "steps": [{"op": "quantize.static"}]})");
    wanted.data = support::smallData;
    wanted.history = folder.path() / "history.sqlite";
    const auto document = runComparison(wanted, support::sampleModel(), {});
    ASSERT_TRUE(document) << document.error().text();
    for (const measure::ModelResult* model : {&document->baseline, &document->optimized}) {
        for (const measure::LayerResult& layer : model->layers) {
            ASSERT_TRUE(layer.limitShare) << layer.name;
            EXPECT_GT(*layer.limitShare, 0) << layer.name;
            EXPECT_LE(*layer.limitShare, 1) << layer.name;
        }
    }
}

} // namespace
} // namespace lathe::engine
