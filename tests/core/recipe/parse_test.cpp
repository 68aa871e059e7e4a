#include <core/base/files.h>
#include <core/recipe/recipe.h>

#include <gtest/gtest.h>

namespace lathe::recipe {
namespace {

std::string errorOf(const std::string& text) {
    const auto recipe = parse(text);
    if (recipe) return "accepted";
    EXPECT_EQ(recipe.error().code, base::ErrorCode::Rejected);
    return recipe.error().message.text();
}

std::string errorOfStep(const std::string& step) { return errorOf(R"({"lathe": 1, "steps": [{"op": "fuse.conv_bn"}, )" + step + "]}"); }

TEST(Parse, ReadsEveryPartOfADocument) {
    const auto recipe = parse(R"({
        "lathe": 1, "name": "small", "model": {"sha256": "aa11223344556677889900aabbccddeeff00112233445566778899aabbccddee"},
        "steps": [
            {"op": "prune.structured", "ratio": 0.3, "layers": {"conv*": {"ratio": 0.2}, "conv2": {"skip": true}}},
            {"op": "finetune", "enabled": false, "epochs": 3},
            {"op": "quantize.static", "weights": {"bits": 4, "granularity": "tensor"}, "layers": {"fc3": {"keep": "float"}}}
        ]})");
    ASSERT_TRUE(recipe) << recipe.error().text();
    EXPECT_EQ(recipe->name, "small");
    EXPECT_EQ(recipe->modelSha256.substr(0, 4), "aa11");
    ASSERT_EQ(recipe->steps.size(), 3U);
    EXPECT_EQ(recipe->steps[0].parameter("ratio"), 0.3);
    ASSERT_EQ(recipe->steps[0].layers.size(), 2U);
    EXPECT_EQ(recipe->steps[0].layers[1].first, "conv2");
    EXPECT_FALSE(recipe->steps[1].enabled);
    EXPECT_EQ(recipe->steps[2].parameter("weights.bits"), 4);
    EXPECT_EQ(recipe->steps[2].parameter("weights.granularity", "fc1"), "tensor");
    EXPECT_EQ(recipe->steps[2].parameter("keep", "fc3"), "float");
}

TEST(Parse, DropsParametersThatHaveTheirDefault) {
    const auto recipe = parse(R"({"lathe": 1, "steps": [{"op": "quantize.static", "samples": 512, "weights": {"bits": 8}}]})");
    ASSERT_TRUE(recipe);
    EXPECT_TRUE(recipe->steps[0].parameters.empty());
}

TEST(Parse, SaysWhereAndWhatIsWrong) {
    EXPECT_EQ(errorOfStep(R"({"op": "prune.structured", "ratio": 1.5})"),
              R"(step 2 (prune.structured): "ratio" must be between 0 and 0.99, not 1.5)");
    EXPECT_EQ(errorOfStep(R"({"op": "prune.structured", "ratio": -0.1})"),
              R"(step 2 (prune.structured): "ratio" must be between 0 and 0.99, not -0.1)");
    EXPECT_EQ(errorOfStep(R"({"op": "prune.structured", "ratio": "half"})"),
              R"(step 2 (prune.structured): "ratio" must be a number, not "half")");
    EXPECT_EQ(errorOfStep(R"({"op": "quantize.static", "weights": {"bits": 7}})"),
              R"(step 2 (quantize.static): "weights.bits" must be one of 8, 4, 3, 2, not 7)");
    EXPECT_EQ(errorOfStep(R"({"op": "quantize.static", "activations": {"bits": 7}})"),
              R"(step 2 (quantize.static): "activations.bits" must be 8, not 7)");
    EXPECT_EQ(errorOfStep(R"({"op": "quantize.static", "weights": 8})"), R"(step 2 (quantize.static): "weights" must be an object, not 8)");
    EXPECT_EQ(errorOfStep(R"({"op": "finetune", "epochs": 2.5})"), R"(step 2 (finetune): "epochs" must be a whole number, not 2.5)");
    EXPECT_EQ(errorOfStep(R"({"op": "finetune", "epochs": 0})"), R"(step 2 (finetune): "epochs" must be between 1 and 1000, not 0)");
    EXPECT_EQ(errorOfStep(R"({"op": "prune.structured", "skip": 1})"), R"(step 2 (prune.structured): "skip" must be true or false, not 1)");
    EXPECT_EQ(errorOfStep(R"({"op": "prune.structured", "enabled": "no"})"),
              R"(step 2 (prune.structured): "enabled" must be true or false, not "no")");
    EXPECT_EQ(errorOfStep("7"), "step 2: must be an object, not 7");
    EXPECT_EQ(errorOfStep("{}"), R"(step 2: "op" is missing)");
}

TEST(Parse, NamesTheNearestKnownName) {
    EXPECT_EQ(errorOfStep(R"({"op": "prune.structurd"})"), R"(step 2: unknown op "prune.structurd"; did you mean "prune.structured"?)");
    EXPECT_EQ(errorOfStep(R"({"op": "prune.structured", "ration": 0.5})"),
              R"(step 2 (prune.structured): unknown parameter "ration"; did you mean "ratio"?)");
    EXPECT_EQ(errorOfStep(R"({"op": "quantize.static", "weights": {"bit": 8}})"),
              R"(step 2 (quantize.static): unknown parameter "weights.bit"; did you mean "weights.bits"?)");
    EXPECT_EQ(errorOfStep(R"({"op": "quantize.dynamic", "bits": 8})"),
              R"(step 2 (quantize.dynamic): unknown parameter "bits"; did you mean "weights.bits"?)");
    EXPECT_EQ(errorOf(R"({"lathe": 1, "step": []})"), R"(unknown key "step"; did you mean "steps"?)");
}

TEST(Parse, ChecksLayersLikeSteps) {
    EXPECT_EQ(errorOfStep(R"({"op": "prune.structured", "layers": {"conv2": {"ratio": 2}}})"),
              R"(step 2 (prune.structured), layer "conv2": "ratio" must be between 0 and 0.99, not 2)");
    EXPECT_EQ(errorOfStep(R"({"op": "prune.structured", "layers": {"conv2": {"criterion": "l2"}}})"),
              R"(step 2 (prune.structured), layer "conv2": "criterion" can only be set for the whole step)");
    EXPECT_EQ(errorOfStep(R"({"op": "prune.structured", "layers": []})"),
              R"(step 2 (prune.structured): "layers" must be an object, not [])");
    EXPECT_EQ(errorOfStep(R"({"op": "prune.structured", "layers": {"a": 1}})"),
              R"(step 2 (prune.structured), layer "a": must be an object, not 1)");
}

TEST(Parse, RefusesWhatIsNoRecipe) {
    EXPECT_EQ(errorOf("[]"), "a recipe must be an object, not []");
    EXPECT_EQ(errorOf("{}"), "this is not a recipe: \"lathe\" (the version of the format) is missing");
    EXPECT_EQ(errorOf(R"({"lathe": 2, "steps": []})"), "this recipe was written by a newer Lathe (format 2; this one reads format 1)");
    EXPECT_EQ(errorOf(R"({"lathe": "1"})"), R"("lathe" must be 1, not "1")");
    EXPECT_EQ(errorOf(R"({"lathe": 1, "model": {"sha256": "abc"}})"), R"(model: "sha256" must be 64 hexadecimal digits, not "abc")");
    EXPECT_NE(errorOf(""), "accepted");
    EXPECT_NE(errorOf(R"({"lathe": 1, "steps": [)"), "accepted");
    EXPECT_NE(errorOf(R"({"lathe": 1, "steps": [{"op": "finetune", "learning_rate": 1e999}]})"), "accepted");
}

TEST(Parse, LoadSaysWhichFile) {
    const base::TemporaryFolder folder;
    const std::string path = (folder.path() / "recipe.json").string();
    EXPECT_EQ(load(path).error().code, base::ErrorCode::NotFound);
    ASSERT_TRUE(base::writeFile(path, "{}"));
    EXPECT_NE(load(path).error().text().find("recipe.json"), std::string::npos);
    ASSERT_TRUE(base::writeFile(path, R"({"lathe": 1, "steps": [{"op": "clean.dead_code"}]})"));
    EXPECT_EQ(load(path)->steps.size(), 1U);
}

TEST(Parse, ARuleStandsInAStepAndReadsBack) {
    const auto recipe = parse(R"({"lathe": 1, "steps": [{"op": "quantize.static", "where": ["!first", "!last"]},
        {"op": "prune.structured", "where": ["layer2.*.conv1"], "ratio": 0.3}, {"op": "prune.unstructured", "where": []}]})");
    ASSERT_TRUE(recipe) << recipe.error().text();
    EXPECT_EQ(recipe->steps[0].where, (steps::Where{"!first", "!last"}));
    EXPECT_TRUE(recipe->steps[2].where.empty());
    EXPECT_EQ(parse(write(*recipe)).value(), *recipe);
    EXPECT_EQ(write(*parse(write(*recipe))), write(*recipe));
}

TEST(Parse, AWrongRuleIsRefusedWithOneSentence) {
    EXPECT_EQ(errorOfStep(R"({"op": "fuse.conv_bn", "where": ["*"]})"),
              R"(step 2 (fuse.conv_bn): "where" is for steps that prune, factorize, share, train or quantize)");
    EXPECT_EQ(errorOfStep(R"({"op": "prune.structured", "where": "conv1"})"),
              R"(step 2 (prune.structured): "where" must be a list of patterns, not "conv1")");
    for (const char* entry : {"1", "\"\"", "\"!\"", "null"}) {
        EXPECT_EQ(errorOfStep(R"({"op": "prune.structured", "where": [)" + std::string(entry) + "]}"),
                  R"(step 2 (prune.structured): "where" must hold patterns ("conv*", "!last"), not )" + std::string(entry));
    }
    EXPECT_EQ(errorOfStep(R"({"op": "prune.structured", "wher": ["*"]})"),
              R"(step 2 (prune.structured): unknown parameter "wher"; did you mean "where"?)");
}

} // namespace
} // namespace lathe::recipe
