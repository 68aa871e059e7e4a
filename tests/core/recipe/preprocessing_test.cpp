#include <core/recipe/preprocessing.h>

#include <gtest/gtest.h>

#include <core/recipe/recipe.h>

namespace lathe::recipe {
namespace {

using base::Json;

TEST(Preprocessing, ComesBackFromJson) {
    Preprocessing all;
    all.resize = 256;
    all.crop = {224, 192};
    all.channels = ChannelOrder::Bgr;
    all.mean = {0.485, 0.456, 0.406};
    all.deviation = {0.229, 0.224, 0.225};
    all.length = 16000;
    all.label = "Class";
    all.ignored = {"Id"};
    all.integers = true;
    const auto again = preprocessingFromJson(toJson(all));
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_EQ(*again, all);
    EXPECT_EQ(toJson(Preprocessing{}), Json::object());
}

TEST(Preprocessing, StandsInTheRecipe) {
    const auto recipe = parse(R"({"lathe": 1, "preprocessing": {"resize": 32, "channels": "gray"}, "steps": []})");
    ASSERT_TRUE(recipe) << recipe.error().text();
    EXPECT_EQ(recipe->preprocessing.resize, 32);
    EXPECT_EQ(recipe->preprocessing.channels, ChannelOrder::Gray);
    EXPECT_EQ(parse(write(*recipe)).value(), *recipe);
}

TEST(Preprocessing, RefusesWhatItDoesNotKnow) {
    const std::pair<const char*, const char*> wrong[] = {
        {R"({"resise": 3})", "preprocessing: unknown key \"resise\"; did you mean \"resize\"?"},
        {R"({"resize": 0})", "resize"},
        {R"({"crop": [3]})", "the preprocessing: \"crop\" must be two whole numbers, height and width"},
        {R"({"channels": "cmyk"})", "channels"},
        {R"({"std": [0]})", "must be above 0"},
        {R"({"mean": [1, 2], "std": [1]})", "must have as many numbers as \"mean\""},
        {R"([1])", "the preprocessing"},
    };
    for (const auto& [json, part] : wrong) {
        const auto result = preprocessingFromJson(Json::parse(json));
        ASSERT_FALSE(result) << json;
        EXPECT_EQ(result.error().code, base::ErrorCode::Rejected);
        EXPECT_NE(result.error().text().find(part), std::string::npos) << result.error().text();
    }
}

} // namespace
} // namespace lathe::recipe
