#include <core/engine/roofline.h>

#include <gtest/gtest.h>

#include <core/engine/comparison.h>
#include <core/engine/fitted_model.h>
#include <core/graph/graph.h>
#include <tests/core/engine/sample_model.h>

namespace lathe::engine {
namespace {

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
    EXPECT_EQ(work(graph, {"conv1"}, 1), (InstructionWork{macs, 4 * (weights + input + output), false}));
    EXPECT_EQ(work(graph, {"conv1"}, 16), (InstructionWork{16 * macs, 4 * (weights + 16 * (input + output)), false}));
    // Nothing goes to memory between nodes that one instruction covers.
    EXPECT_EQ(work(graph, {"conv1", "relu"}, 1), (InstructionWork{macs, 4 * (weights + input + output), false}));
    EXPECT_EQ(work(graph, {"relu"}, 1), (InstructionWork{0, 4 * 2 * output, false}));
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
    limits.int8MacsPerUs = 400;
    limits.copying = {{{1000, 50}, {2000, 20}, {4000, 10}, {8000, 5}}};
    EXPECT_DOUBLE_EQ(limits.leastUs(1000, 100, false), 10);
    EXPECT_DOUBLE_EQ(limits.leastUs(1000, 100, true), 2.5);
    EXPECT_DOUBLE_EQ(limits.leastUs(0, 1000, false), 20);
    EXPECT_DOUBLE_EQ(limits.leastUs(0, 1001, false), 1001.0 / 20);
    EXPECT_DOUBLE_EQ(limits.leastUs(10, 100'000, false), 20'000) << "beyond the last cache it is memory";
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
            EXPECT_LT(*layer.limitShare, 1.5) << layer.name;
        }
    }
}

} // namespace
} // namespace lathe::engine
