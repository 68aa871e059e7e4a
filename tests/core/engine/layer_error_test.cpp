#include <core/engine/layer_error.h>

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include <core/engine/comparison.h>
#include <core/engine/fitted_model.h>
#include <core/engine/inspection.h>
#include <core/graph/layer_weight.h>
#include <core/quantization/shared_weight.h>
#include <core/transform/prune/dependency_groups.h>
#include <tests/core/engine/sample_model.h>

namespace lathe::engine {
namespace {

graph::Graph annotatedSample() {
    graph::Graph graph = support::sampleModel().graph;
    EXPECT_TRUE(annotate(graph, *data::openDataset(support::smallData).value()));
    return graph;
}

std::vector<float> weightsOf(const graph::Graph& graph, const std::string& layer) {
    const auto info = graph::layerWeightOf(graph, graph::UseIndex(graph), *graph.findNode(layer));
    return graph.value(info->weight).data.toFloats();
}

double halfSquares(const std::vector<float>& values) {
    double sum = 0;
    for (const float value : values)
        sum += static_cast<double>(value) * static_cast<double>(value);
    return sum / 2;
}

const char* quantize = R"({"lathe": 1, "steps": [{"op": "quantize.weight_only"}]})";
const char* sparsifyAndQuantize = R"({"lathe": 1, "steps": [{"op": "prune.unstructured", "ratio": 0.5}, {"op": "quantize.weight_only"}]})";
const char* pruneAndQuantize = R"({"lathe": 1, "steps": [{"op": "prune.structured", "ratio": 0.5}, {"op": "quantize.weight_only"}]})";

/// The slow way, element by element against the original: what is zero after the first step was pruned, the rest was rounded.
TEST(LayerError, IsTheDistanceFromTheOriginalInParts) {
    const graph::Graph original = annotatedSample();
    const Preview preview = previewRecipe(original, support::recipeOf(sparsifyAndQuantize));
    ASSERT_EQ(preview.stages.size(), 2U);
    for (const std::string layer : {"conv1", "conv2", "fc1", "fc2", "fc3"}) {
        const std::vector<float> before = weightsOf(original, layer), sparse = weightsOf(preview.stages[0].graph, layer);
        const graph::Graph& last = preview.stages[1].graph;
        const graph::UseIndex uses(last);
        const auto info = graph::layerWeightOf(last, uses, *last.findNode(layer));
        const std::vector<float> integers = last.value(info->weight).data.toFloats();
        const std::vector<float> scales = last.value(info->dequantize->operands[1].value()).data.toFloats();
        double pruned = 0, rounded = 0;
        for (std::size_t i = 0; i < before.size(); ++i) {
            const double after = static_cast<double>(integers[i]) * static_cast<double>(scales[i / (before.size() / scales.size())]);
            const double difference = static_cast<double>(before[i]) - after;
            (sparse[i] == 0 ? pruned : rounded) += difference * difference / 2;
        }
        const LayerError error = LayerErrors(original, preview.stages).of(layer);
        const double tolerance = 1e-5 * (pruned + rounded);
        EXPECT_NEAR(*error.parts.pruned, pruned, tolerance) << layer;
        EXPECT_NEAR(*error.parts.weights, rounded, tolerance) << layer;
        EXPECT_NEAR(*error.loss(), pruned + rounded, tolerance) << layer;
        EXPECT_NEAR(*error.sqnrDb(), 10 * std::log10(halfSquares(before) / (pruned + rounded)), 1e-3) << layer;
    }
}

TEST(LayerError, RemovedChannelsAreZerosOfTheOriginal) {
    const graph::Graph original = annotatedSample();
    const Preview preview = previewRecipe(original, support::recipeOf(pruneAndQuantize));
    for (const std::string layer : {"conv1", "conv2", "fc1", "fc2", "fc3"}) {
        const double whole = halfSquares(weightsOf(original, layer)), left = halfSquares(weightsOf(preview.stages[0].graph, layer));
        const LayerError error = LayerErrors(original, preview.stages).of(layer);
        EXPECT_NEAR(*error.parts.pruned, whole - left, 1e-5 * whole) << layer;
        EXPECT_NEAR(error.signal, whole, 1e-5 * whole) << layer;
        EXPECT_GT(*error.parts.weights, 0) << layer;
        EXPECT_DOUBLE_EQ(*error.loss(), *error.parts.pruned + *error.parts.weights) << layer;
        // What the recipe loses it also loses with another step behind it.
        const LayerError pruned = LayerErrors(original, preview.stages).of(layer, 1);
        EXPECT_DOUBLE_EQ(*pruned.parts.pruned, *error.parts.pruned) << layer;
    }
}

TEST(LayerError, WhatNoStepTouchedIsUnknownAndNotZero) {
    const graph::Graph original = annotatedSample();
    EXPECT_EQ(LayerErrors(original, {}).of("conv1").loss(), std::nullopt);
    const Preview preview = previewRecipe(original, support::recipeOf(quantize));
    const LayerError error = LayerErrors(original, preview.stages).of("conv1");
    EXPECT_EQ(error.parts.pruned, std::nullopt);
    EXPECT_TRUE(error.parts.weights);
    EXPECT_EQ(LayerErrors(original, preview.stages).of("nobody").loss(), std::nullopt);
}

/// The two smaller layers multiplied out, row by column.
TEST(LayerError, WhatAProductOfSmallerLayersLosesIsNoRounding) {
    const graph::Graph original = annotatedSample();
    const auto recipe = support::recipeOf(R"({"lathe": 1, "steps": [{"op": "factorize", "criterion": "weights"}]})");
    const Preview stages = previewRecipe(original, recipe);
    const auto reply = preview(original, recipe);
    const LayerErrors errors(original, stages.stages);
    for (const std::string layer : {"fc1", "fc2"}) {
        const std::vector<float> whole = weightsOf(original, layer);
        const std::vector<float> right = weightsOf(stages.stages[0].graph, layer + "_in"), left = weightsOf(stages.stages[0].graph, layer);
        const std::size_t outputs = layer == "fc1" ? 120 : 84, inputs = whole.size() / outputs, rank = left.size() / outputs;
        double lost = 0;
        for (std::size_t row = 0; row < outputs; ++row) {
            for (std::size_t column = 0; column < inputs; ++column) {
                double sum = 0;
                for (std::size_t at = 0; at < rank; ++at)
                    sum += static_cast<double>(left[row * rank + at]) * static_cast<double>(right[at * inputs + column]);
                const double difference = static_cast<double>(whole[row * inputs + column]) - sum;
                lost += difference * difference / 2;
            }
        }
        const LayerError error = errors.of(layer);
        EXPECT_NEAR(*error.parts.factorized, lost, 1e-4 * lost) << layer;
        EXPECT_EQ(error.parts.weights, std::nullopt) << layer;
        EXPECT_EQ(error.loss(), error.parts.factorized) << layer;
        const auto info = std::ranges::find(reply.layers, layer, &client::LayerInfo::name);
        ASSERT_NE(info, reply.layers.end());
        EXPECT_EQ(info->rank, static_cast<std::int64_t>(rank)) << layer;
        EXPECT_EQ(info->lossParts, error.parts) << layer;
        EXPECT_EQ(info->outputError, std::nullopt) << "only samples tell";
    }
    // A layer that stays in one piece has no rank.
    const auto whole =
        preview(original, support::recipeOf(R"({"lathe": 1, "steps": [{"op": "factorize", "target": "rank", "rank": 1000}]})"));
    const auto kept = std::ranges::find(whole.layers, "fc3", &client::LayerInfo::name);
    ASSERT_NE(kept, whole.layers.end());
    EXPECT_EQ(kept->loss, std::nullopt);
    EXPECT_EQ(kept->rank, std::nullopt);
}

TEST(LayerError, WhatSharedNumbersLoseIsNoRounding) {
    const graph::Graph original = annotatedSample();
    const auto recipe = support::recipeOf(R"({"lathe": 1, "steps": [{"op": "share.codebook", "bits": 2, "granularity": "tensor"}]})");
    const Preview stages = previewRecipe(original, recipe);
    const auto reply = preview(original, recipe);
    const auto info = std::ranges::find(reply.layers, "fc1", &client::LayerInfo::name);
    ASSERT_NE(info, reply.layers.end());
    const graph::Graph& last = stages.stages[0].graph;
    const auto weight = graph::layerWeightOf(last, graph::UseIndex(last), *last.findNode("fc1"));
    const std::vector<float> before = weightsOf(original, "fc1"), after = quantization::storedElements(last, *weight).toFloats();
    double lost = 0;
    for (std::size_t at = 0; at < before.size(); ++at)
        lost += std::pow(static_cast<double>(before[at]) - static_cast<double>(after[at]), 2) / 2;
    EXPECT_NEAR(*info->lossParts.shared, lost, 1e-4 * lost);
    EXPECT_EQ(info->lossParts.weights, std::nullopt);
    EXPECT_EQ(info->codebookNumbers, 4);
    EXPECT_EQ(info->bits, 2);
}

TEST(LayerError, TheSameInEveryView) {
    const graph::Graph original = annotatedSample();
    const auto recipe = support::recipeOf(pruneAndQuantize);
    const Preview stages = previewRecipe(original, recipe);
    const auto reply = preview(original, recipe);
    double sum = 0;
    ASSERT_EQ(reply.layers.size(), 5U);
    for (const client::LayerInfo& layer : reply.layers) {
        const LayerError error = LayerErrors(original, stages.stages).of(layer.name);
        EXPECT_EQ(layer.loss, error.loss()) << layer.name;
        EXPECT_EQ(layer.lossParts, error.parts) << layer.name;
        EXPECT_EQ(layer.sqnrDb, error.sqnrDb()) << layer.name;
        EXPECT_DOUBLE_EQ(*layer.loss, layer.lossParts.pruned.value_or(0) + layer.lossParts.weights.value_or(0)) << layer.name;
        sum += *layer.loss;
    }
    const client::StageInfo& last = reply.stages.back();
    EXPECT_NEAR(*last.lossTotal, sum, 1e-9 * sum);
    EXPECT_DOUBLE_EQ(*last.lossTotal, *last.lossParts.pruned + *last.lossParts.weights);
    const auto histogram = weights(original, recipe, "fc1", 8);
    EXPECT_EQ(histogram->quantized->loss, LayerErrors(original, stages.stages).of("fc1").loss());
}

} // namespace
} // namespace lathe::engine
