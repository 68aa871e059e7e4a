#include <core/recipe/recipe.h>

#include <gtest/gtest.h>

namespace lathe::recipe {
namespace {

Recipe parsed(const std::string& text) {
    auto recipe = parse(text);
    EXPECT_TRUE(recipe) << recipe.error().text();
    return recipe.value_or(Recipe{});
}

const char* const fullRecipe = R"({"lathe": 1, "name": "n", "steps": [
    {"op": "fuse.conv_bn"}, {"op": "fuse.conv_relu"},
    {"op": "prune.structured", "criterion": "l2", "layers": {"*": {"ratio": 0.25}, "fc1": {"ratio": 0.5, "skip": false}}},
    {"op": "finetune", "epochs": 2, "enabled": false},
    {"op": "quantize.static", "calibrator": "minmax", "weights": {"scheme": "affine", "bits": 4}, "layers": {"fc3": {"keep": "float"}}}]})";

TEST(Recipe, WhatIsWrittenReadsBackTheSame) {
    const Recipe recipe = parsed(fullRecipe);
    const std::string text = write(recipe);
    EXPECT_EQ(parsed(text), recipe);
    EXPECT_EQ(write(parsed(text)), text);
}

TEST(Recipe, WritesNoDefaultsAndTheOrderOfTheTable) {
    steps::Step step{"quantize.static", true, {}, {}};
    step.parameters = {{"calibrator", "minmax"}, {"samples", 512}, {"weights", {{"granularity", "tensor"}, {"bits", 4}}}};
    EXPECT_EQ(write({"", "", {step}}), R"({
  "lathe": 1,
  "steps": [
    {
      "op": "quantize.static",
      "weights": {
        "bits": 4,
        "granularity": "tensor"
      },
      "calibrator": "minmax"
    }
  ]
}
)");
}

TEST(Recipe, KeepsALayersOverrideEvenWhenItEqualsTheDefault) {
    const Recipe recipe =
        parsed(R"({"lathe": 1, "steps": [{"op": "prune.structured", "ratio": 0.3, "layers": {"conv1": {"ratio": 0.5}}}]})");
    EXPECT_EQ(parsed(write(recipe)).steps[0].parameter("ratio", "conv1"), 0.5);
}

TEST(Recipe, LaterPatternsWin) {
    const steps::Step step = parsed(fullRecipe).steps[2];
    EXPECT_EQ(step.parameter("ratio"), 0.5);
    EXPECT_EQ(step.parameter("ratio", "conv1"), 0.25);
    EXPECT_EQ(step.parameter("ratio", "fc1"), 0.5);
    EXPECT_EQ(step.parameter("criterion", "fc1"), "l2");
}

TEST(Recipe, ChecksThatLayersExist) {
    const std::vector<std::string> layers{"conv1", "conv2", "fc1"};
    const auto check = [&](const std::string& pattern) {
        return checkLayers(parsed(R"({"lathe": 1, "steps": [{"op": "prune.structured", "layers": {")" + pattern + R"(": {}}}]})"), layers);
    };
    EXPECT_TRUE(check("conv?"));
    EXPECT_TRUE(check("*"));
    const auto missing = check("conv9");
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, base::ErrorCode::Rejected);
    EXPECT_EQ(missing.error().message, R"(step 1 (prune.structured): the model has no layer "conv9"; did you mean "conv1"?)");
    EXPECT_EQ(check("encoder.*").error().message, R"(step 1 (prune.structured): the model has no layer "encoder.*")");
}

TEST(Recipe, SummaryIsShortAndSkipsDisabledSteps) {
    EXPECT_EQ(summary(parsed(fullRecipe)), "fuse → prune L2 50 % → static int4");
    EXPECT_EQ(summary(parsed(R"({"lathe": 1, "steps": [{"op": "prune.structured"}, {"op": "finetune"}, {"op": "quantize.static"}]})")),
              "prune L1 50 % → ft 10 → static int8");
    EXPECT_EQ(summary(Recipe{}), "unchanged");
}

TEST(Recipe, AStepThatIsNotKnownHereLosesNothing) {
    // As a window may hold it whose engine is newer.
    Recipe recipe;
    recipe.steps.push_back({"prune.tomorrow", true, {{"ratio", 0.5}, {"weights", {{"bits", 3}}}}, {{"fc*", {{"ratio", 0.25}}}}});
    recipe.steps.push_back({"quantize.tomorrow", true, {}, {}});
    const auto written = base::parseJson(write(recipe));
    ASSERT_TRUE(written);
    EXPECT_EQ((*written)["steps"][0],
              (base::Json{{"op", "prune.tomorrow"}, {"ratio", 0.5}, {"weights", {{"bits", 3}}}, {"layers", {{"fc*", {{"ratio", 0.25}}}}}}));
    EXPECT_EQ((*written)["steps"][1], (base::Json{{"op", "quantize.tomorrow"}}));
    EXPECT_EQ(summary(recipe), "prune.tomorrow → quantize.tomorrow");
    EXPECT_FALSE(recipe.steps[0].leavesOut("fc1"));
    EXPECT_EQ(recipe.steps[0].setting("ratio", "fc1"), 0.25);
    EXPECT_EQ(recipe.steps[1].setting("ratio"), std::nullopt);
}

TEST(Recipe, ARuleIsCheckedWithItsPlace) {
    Recipe recipe;
    recipe.steps.push_back({"quantize.static", true, base::Json::object(), {}});
    recipe.steps.back().where = {"layr2.*"};
    EXPECT_EQ(checkLayers(recipe, {"layer2.0.conv1", "fc"}).error().message,
              R"(step 1 (quantize.static): no layer fits "layr2.*"; nearest: "layer2.0.conv1")");
}

} // namespace
} // namespace lathe::recipe
