#include <core/engine/stage_cache.h>

#include <gtest/gtest.h>

#include <core/engine/comparison.h>
#include <core/engine/fitted_model.h>
#include <core/engine/inspection.h>
#include <core/engine/recipe_runner.h>
#include <tests/core/engine/sample_model.h>

namespace lathe::engine {
namespace {

std::shared_ptr<const Stage> stageOfBytes(std::int64_t bytes) {
    Stage stage;
    stage.graph.addWeight("w", tensor::Tensor::zeros(tensor::DType::UInt8, {bytes}));
    return std::make_shared<const Stage>(std::move(stage));
}

TEST(StageCache, ForgetsWhatWasNotAskedForForTheLongestTime) {
    StageCache cache(10'000);
    const graph::Graph none;
    const auto first = stageOfBytes(4000);
    cache.keep("first", first, none);
    cache.keep("second", stageOfBytes(4000), none);
    EXPECT_EQ(cache.find("first"), first);
    cache.keep("third", stageOfBytes(4000), none);
    EXPECT_EQ(cache.find("second"), nullptr);
    EXPECT_EQ(cache.find("first"), first);
    cache.keep("large", stageOfBytes(100'000), none);
    EXPECT_EQ(cache.size(), 1U) << "the newest stays, whatever it takes";
    EXPECT_NE(cache.find("large"), nullptr);
}

TEST(StageCache, SharedWeightsAreNotCounted) {
    StageCache cache(10'000);
    const auto stage = stageOfBytes(8000);
    for (const char* key : {"a", "b", "c", "d"})
        cache.keep(key, stage, stage->graph);
    EXPECT_EQ(cache.size(), 4U);
}

TEST(StageCache, ForgetsAModel) {
    StageCache cache;
    cache.keep("model 1\nx", stageOfBytes(1), {});
    cache.keep("model 1\ny", stageOfBytes(1), {});
    cache.keep("model 12\nx", stageOfBytes(1), {});
    cache.forget("model 1\n");
    EXPECT_EQ(cache.size(), 1U);
    EXPECT_EQ(cache.find("model 1\nx"), nullptr);
    EXPECT_NE(cache.find("model 12\nx"), nullptr);
}

graph::Graph annotatedSample() {
    graph::Graph graph = support::sampleModel().graph;
    EXPECT_TRUE(annotate(graph, *data::openDataset(support::smallData).value()));
    return graph;
}

TEST(StageCache, APreviewStartsBehindTheStepsThatStayedAsTheyWere) {
    const graph::Graph original = annotatedSample();
    StageCache cache;
    const KnownStages known{&cache, "model 1"};
    const auto recipe = support::recipeOf(R"({"lathe": 1, "steps": [{"op": "fuse.conv_relu"}, {"op": "prune.structured", "ratio": 0.5},
                                              {"op": "quantize.weight_only"}]})");
    const Preview first = previewRecipe(original, recipe, {}, known);
    ASSERT_EQ(first.stages.size(), 3U);
    const auto edited = support::recipeOf(R"({"lathe": 1, "steps": [{"op": "fuse.conv_relu"}, {"op": "prune.structured", "ratio": 0.5},
                                              {"op": "quantize.weight_only", "weights": {"bits": 4}}]})");
    const Preview second = previewRecipe(original, edited, {}, known);
    ASSERT_EQ(second.stages.size(), 3U);
    EXPECT_EQ(&second.stages[0], &first.stages[0]);
    EXPECT_EQ(&second.stages[1], &first.stages[1]);
    EXPECT_NE(&second.stages[2], &first.stages[2]);
    const Preview fresh = previewRecipe(original, edited);
    EXPECT_TRUE(graph::structurallyEqual(second.stages[2].graph, fresh.stages[2].graph));
    EXPECT_EQ(second.stages[2].layers, fresh.stages[2].layers);
    // An edit in front changes all that follows.
    const auto other = support::recipeOf(R"({"lathe": 1, "steps": [{"op": "fuse.conv_relu"}, {"op": "prune.structured", "ratio": 0.25},
                                             {"op": "quantize.weight_only"}]})");
    const Preview third = previewRecipe(original, other, {}, known);
    EXPECT_EQ(&third.stages[0], &first.stages[0]);
    EXPECT_NE(&third.stages[2], &first.stages[2]);
    EXPECT_FALSE(graph::structurallyEqual(third.stages[2].graph, first.stages[2].graph));
}

TEST(StageCache, LooksAtAPreviewedRecipeDoNotApplyItAgain) {
    const graph::Graph original = annotatedSample();
    StageCache cache;
    const KnownStages known{&cache, "model 1"};
    const auto recipe = support::recipeOf(R"({"lathe": 1, "steps": [{"op": "fuse.conv_relu"}, {"op": "quantize.weight_only"}]})");
    const client::PreviewReply reply = preview(original, recipe, {}, known);
    ASSERT_EQ(reply.stages.size(), 2U);
    // A job that is cancelled applies nothing: what these answer was there.
    std::stop_source stop;
    stop.request_stop();
    const base::Job cancelled{stop.get_token(), {}};
    const auto weightsOfLayer = weights(original, recipe, "fc1", 8, cancelled, known);
    ASSERT_TRUE(weightsOfLayer && weightsOfLayer->quantized);
    EXPECT_EQ(weightsOfLayer->quantized->loss, weights(original, recipe, "fc1", 8)->quantized->loss);
    const auto graph = graphAfter(original, recipe, 2, cancelled, known);
    ASSERT_TRUE(graph) << graph.error().text();
    EXPECT_TRUE(graph::structurallyEqual(*graph, *graphAfter(original, recipe, 2)));
    EXPECT_FALSE(graphAfter(original, recipe, 2, cancelled)) << "without a cache it has to be applied";
}

} // namespace
} // namespace lathe::engine
