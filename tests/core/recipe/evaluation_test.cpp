#include <core/recipe/evaluation.h>

#include <gtest/gtest.h>

#include <core/recipe/recipe.h>

namespace lathe::recipe {
namespace {

TEST(Evaluation, EveryTaskHasANameThatIsReadAgain) {
    for (const auto& [name, task] : taskNames()) {
        EXPECT_EQ(recipe::name(task), name);
        EXPECT_EQ(evaluationFromJson({{"task", name}}).value().task, task);
    }
}

TEST(Evaluation, IsReadAsItWasWritten) {
    const Evaluation evaluation{.task = Task::Binary, .output = "logits", .threshold = 0.25};
    EXPECT_EQ(evaluationFromJson(toJson(evaluation)).value(), evaluation);
    EXPECT_TRUE(toJson(Evaluation{}).empty());
    EXPECT_EQ(evaluationFromJson({{"output", 2}}).value().output, "2");
}

TEST(Evaluation, StaysInARecipe) {
    const auto recipe = parse(R"({"lathe": 1, "evaluation": {"task": "tokens", "output": "scores"}, "steps": []})");
    ASSERT_TRUE(recipe) << recipe.error().text();
    EXPECT_EQ(recipe->evaluation.task, Task::Tokens);
    EXPECT_EQ(parse(write(*recipe)).value(), *recipe);
    EXPECT_EQ(write(Recipe{}).find("evaluation"), std::string::npos);
}

TEST(Evaluation, MistakesAreSaid) {
    for (const auto& [json, said] :
         {std::pair{base::Json{{"tsk", "binary"}}, "did you mean \"task\"?"}, std::pair{base::Json{{"task", "binry"}}, "\"task\""},
          std::pair{base::Json{{"threshold", "x"}}, "\"threshold\""}, std::pair{base::Json(3), "must be an object"}}) {
        const auto result = evaluationFromJson(json);
        ASSERT_FALSE(result) << json.dump();
        EXPECT_EQ(result.error().code, base::ErrorCode::Rejected);
        EXPECT_NE(result.error().message.text().find(said), std::string::npos) << result.error().message;
    }
}

} // namespace
} // namespace lathe::recipe
