#include <core/measure/task_choice.h>

#include <gtest/gtest.h>

namespace lathe::measure {
namespace {

using recipe::Task;
using tensor::Shape;

base::Result<TaskChoice> chosen(const std::optional<LabelForm>& labels, const std::vector<Shape>& outputs,
                                const recipe::Evaluation& wanted = {}) {
    const std::vector<std::string> names{"boxes", "scores"};
    return chooseTask(labels, outputs, std::span(names).first(std::min(names.size(), outputs.size())), wanted, "data");
}

struct Form {
    const char* name;
    LabelForm labels;
    Shape output;
    Task task;
    std::int64_t classAxis = 1;
};

class TaskForms : public testing::TestWithParam<Form> {};

TEST_P(TaskForms, AreRecognized) {
    const auto choice = chosen(GetParam().labels, {GetParam().output});
    ASSERT_TRUE(choice) << choice.error().text();
    EXPECT_EQ(choice->task, GetParam().task);
    EXPECT_EQ(choice->classAxis, GetParam().classAxis);
}

INSTANTIATE_TEST_SUITE_P(All, TaskForms,
                         testing::Values(Form{"Classes", {{4}, false, false, 9}, {4, 10}, Task::Classification},
                                         Form{"TwoClasses", {{4}, false, true, 1}, {4, 2}, Task::Classification},
                                         Form{"OneScore", {{4}, false, true, 1}, {4, 1}, Task::Binary},
                                         Form{"OneNumber", {{4}, false, true, 1}, {4}, Task::Binary},
                                         Form{"FloatTruth", {{4}, true, true}, {4, 1}, Task::Binary},
                                         Form{"SeveralTruths", {{4, 3}, false, true, 1}, {4, 3}, Task::MultiLabel},
                                         Form{"SeveralFloatTruths", {{4, 3}, true, true}, {4, 3}, Task::MultiLabel},
                                         Form{"Price", {{4}, true, false}, {4, 1}, Task::Regression},
                                         Form{"Box", {{4, 4}, true, false}, {4, 4}, Task::Regression},
                                         Form{"WholePrice", {{4}, false, false, 300}, {4, 1}, Task::Regression},
                                         Form{"TokensClassLast", {{4, 6}, false, false, 8}, {4, 6, 9}, Task::Tokens, 2},
                                         Form{"TokensClassFirst", {{4, 6}, false, false, 8}, {4, 9, 6}, Task::Tokens, 1},
                                         Form{"Pixels", {{4, 8, 8}, false, false, 2}, {4, 3, 8, 8}, Task::Segmentation},
                                         Form{"PixelsWithChannel", {{4, 1, 8, 8}, false, false, 2}, {4, 3, 8, 8}, Task::Segmentation},
                                         Form{"Mask", {{4, 8, 8}, false, true, 1}, {4, 1, 8, 8}, Task::Segmentation},
                                         Form{"PairedScores", {{4}, true, false, 0, true}, {4, 8}, Task::Similarity},
                                         Form{"PairedWholeScores", {{4}, false, false, 300, true}, {4, 1}, Task::Regression},
                                         Form{"Volume", {{4, 8, 8, 8}, false, false, 2}, {4, 3, 8, 8, 8}, Task::Segmentation}),
                         [](const auto& form) { return std::string(form.param.name); });

TEST(TaskChoice, WithoutLabelsOutputsAreCompared) {
    EXPECT_EQ(chosen({}, {{4, 10}})->task, Task::Outputs);
    EXPECT_EQ(chosen(LabelForm{{4}, false, false, 9}, {{4, 10}}, {.task = Task::Outputs})->task, Task::Outputs);
}

TEST(TaskChoice, TheFirstOutputThatTheLabelsFitIsMeasured) {
    const LabelForm classes{{4}, false, false, 9};
    EXPECT_EQ(chosen(classes, {{4, 7, 7}, {4, 10}})->output, 1U);
    EXPECT_EQ(chosen(classes, {{4, 10}, {4, 10}})->output, 0U);
    EXPECT_EQ(chosen(classes, {{4, 10}, {4, 10}}, {.output = "scores"})->output, 1U);
    EXPECT_EQ(chosen(classes, {{4, 10}, {4, 10}}, {.output = "1"})->output, 1U);
    EXPECT_EQ(chosen({}, {{4, 10}, {4, 10}}, {.output = "scores"})->output, 1U);
}

TEST(TaskChoice, WhatWasAskedForIsTaken) {
    const LabelForm truths{{4}, false, true, 1};
    EXPECT_EQ(chosen(truths, {{4, 1}}, {.task = Task::Regression})->task, Task::Regression);
    const auto choice = chosen(truths, {{4, 1}}, {.threshold = 0.3});
    EXPECT_EQ(choice->task, Task::Binary);
    EXPECT_EQ(choice->threshold, 0.3);
}

TEST(TaskChoice, SaysBothFormsWhenNothingFits) {
    const auto none = chosen(LabelForm{{4, 3}, true, false}, {{4, 10}});
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, base::ErrorCode::Rejected);
    EXPECT_NE(none.error().message.text().find("4x3 numbers, and the outputs of the model 4x10"), std::string::npos)
        << none.error().message;
    const auto asked = chosen(LabelForm{{4}, false, false, 9}, {{4, 10}}, {.task = Task::Segmentation});
    ASSERT_FALSE(asked);
    EXPECT_NE(asked.error().message.text().find("no segmentation"), std::string::npos) << asked.error().message;
    const auto unlabelled = chosen({}, {{4, 10}}, {.task = Task::Binary});
    ASSERT_FALSE(unlabelled);
    EXPECT_NE(unlabelled.error().message.text().find("has no labels"), std::string::npos);
    const auto output = chosen({}, {{4, 10}, {4, 10}}, {.output = "logits"});
    ASSERT_FALSE(output);
    EXPECT_NE(output.error().message.text().find("no output \"logits\", but 2 outputs (boxes, scores)"), std::string::npos)
        << output.error().message;
}

TEST(TaskChoice, PairsAreRowsOrSidesOfTwoOutputs) {
    const LabelForm scores{{4}, true, false}, paired{{4}, true, false, 0, true};
    const auto sides = chosen(scores, {{4, 8}, {4, 8}});
    ASSERT_TRUE(sides) << sides.error().text();
    EXPECT_EQ(*sides, (TaskChoice{.task = Task::Similarity, .otherSide = 1}));
    EXPECT_EQ(chosen(paired, {{4, 8}, {4, 8}})->otherSide, std::nullopt) << "both samples of each pair have its score";
    EXPECT_FALSE(chosen(scores, {{4, 8}})) << "nothing says that these are pairs";
    EXPECT_EQ(chosen(scores, {{4, 8}}, {.task = Task::Similarity})->task, Task::Similarity) << "but the recipe may";
    EXPECT_EQ(chosen({}, {{4, 5, 6}, {4, 8}}, {.task = Task::Similarity})->output, 1U);
    EXPECT_FALSE(chosen({}, {{4, 5, 6}}, {.task = Task::Similarity}));
}

TEST(TaskChoice, LabelsArePairedWhereEachTwoAreTheSame) {
    const auto arePaired = [](const std::vector<float>& labels) {
        return labelForm(tensor::Tensor::of<float>({static_cast<std::int64_t>(labels.size())}, labels))->arePaired;
    };
    EXPECT_TRUE(arePaired({0.5F, 0.5F, 1, 1}));
    EXPECT_FALSE(arePaired({0.5F, 0.5F, 1, 2}));
    EXPECT_FALSE(arePaired({1, 1, 1, 1})) << "all the same score says nothing";
    EXPECT_FALSE(arePaired({0.5F, 0.5F, 1}));
    EXPECT_TRUE(labelForm(tensor::Tensor::of<std::int64_t>({4}, {3, 3, 5, 5}))->arePaired);
}

} // namespace
} // namespace lathe::measure
