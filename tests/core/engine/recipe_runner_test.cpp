#include <core/engine/recipe_runner.h>

#include <gtest/gtest.h>

#include <core/engine/comparison.h>
#include <core/engine/fitted_model.h>
#include <core/graph/layers.h>
#include <tests/core/engine/sample_model.h>

namespace lathe::engine {
namespace {

std::shared_ptr<const data::Dataset> smallDataset() { return data::openDataset(support::smallData).value(); }

graph::Graph annotatedSample() {
    graph::Graph graph = support::sampleModel().graph;
    EXPECT_TRUE(annotate(graph, *smallDataset()));
    return graph;
}

TEST(RunRecipe, ShrinksThenQuantizesAndReportsEachStep) {
    std::vector<std::string> phases;
    base::Job job;
    job.progress = [&](const base::Progress& progress) {
        if (phases.empty() || phases.back() != progress.phase) phases.push_back(progress.phase);
    };
    const graph::Graph original = annotatedSample();
    const auto stages = runRecipe(original, support::shortRecipe(), {smallDataset(), {}, 0, {}}, job);
    ASSERT_TRUE(stages) << stages.error().text();
    ASSERT_EQ(stages->size(), 5U);
    EXPECT_EQ(graph::parameterCount(original), 61706);
    EXPECT_EQ(graph::parameterCount((*stages)[2].graph), 15738); // 3-8-60-42-10
    EXPECT_EQ((*stages)[3].result.epochLosses.size(), 1U);
    EXPECT_GT((*stages)[4].layers.at("conv1").at("sqnr_db"), 30);
    EXPECT_EQ(phases, (std::vector<std::string>{"fuse.conv_relu", "fuse.linear_relu", "prune.structured", "finetune", "quantize.static"}));
}

TEST(RunRecipe, TheSameSeedGivesTheSameModel) {
    const graph::Graph original = annotatedSample();
    const auto first = runRecipe(original, support::shortRecipe(), {smallDataset(), {}, 7, {}}, {});
    const auto second = runRecipe(original, support::shortRecipe(), {smallDataset(), {}, 7, {}}, {});
    const auto other = runRecipe(original, support::shortRecipe(), {smallDataset(), {}, 8, {}}, {});
    ASSERT_TRUE(first && second && other);
    EXPECT_TRUE(graph::structurallyEqual(first->back().graph, second->back().graph));
    EXPECT_FALSE(graph::structurallyEqual(first->back().graph, other->back().graph));
}

TEST(RunRecipe, DisabledStepsAreLeftOut) {
    const auto recipe =
        support::recipeOf(R"({"lathe": 1, "steps": [{"op": "fuse.conv_relu", "enabled": false}, {"op": "fuse.linear_relu"}]})");
    const auto stages = runRecipe(annotatedSample(), recipe, {smallDataset(), {}, 0, {}}, {});
    ASSERT_TRUE(stages);
    ASSERT_EQ(stages->size(), 1U);
    EXPECT_EQ(stages->front().step, 1);
    EXPECT_EQ(enabledSteps(recipe), 1);
}

TEST(RunRecipe, CancelledInTheMiddleItSaysSo) {
    std::stop_source stop;
    base::Job job{stop.get_token(), [&](const base::Progress& progress) {
                      if (progress.phase == "finetune") stop.request_stop();
                  }};
    const auto stages = runRecipe(annotatedSample(), support::shortRecipe(), {smallDataset(), {}, 0, {}}, job);
    ASSERT_FALSE(stages);
    EXPECT_EQ(stages.error().code, base::ErrorCode::Cancelled);
}

TEST(RunRecipe, WithoutDataStaticQuantizationIsRefusedWithItsPlace) {
    const auto recipe = support::recipeOf(R"({"lathe": 1, "steps": [{"op": "fuse.conv_relu"}, {"op": "quantize.static"}]})");
    const auto stages = runRecipe(annotatedSample(), recipe, {}, {});
    ASSERT_FALSE(stages);
    EXPECT_NE(stages.error().text().find("step 2 (quantize.static)"), std::string::npos) << stages.error().text();
    EXPECT_NE(stages.error().text().find("needs data"), std::string::npos) << stages.error().text();
}

TEST(PreviewRecipe, ForetellsSizesWithoutData) {
    const Preview preview = previewRecipe(annotatedSample(), support::shortRecipe());
    EXPECT_FALSE(preview.error);
    ASSERT_EQ(preview.stages.size(), 5U);
    EXPECT_EQ(graph::parameterCount(preview.stages[3].graph), 15738);
    EXPECT_TRUE(preview.stages[4].layers.contains("fc1"));
}

} // namespace
} // namespace lathe::engine
