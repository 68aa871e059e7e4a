#include <core/train/teacher_torch.h>

#include <gtest/gtest.h>

#include <core/train/finetune.h>

#include "toy_data.h"

namespace lathe::train {
namespace {

using steps::FeatureLoss;
using testing::toyData;
using testing::toyModel;
using testing::wideModel;

FinetuneOptions taught(const graph::Graph& teacher) {
    FinetuneOptions options;
    options.epochs = 60;
    options.learningRate = 0.01;
    options.batchSize = 10;
    options.distillation.weight = 1;
    options.teacher = &teacher;
    return options;
}

/// A teacher that knows the problem.
graph::Graph trainedWide() {
    graph::Graph model = wideModel();
    FinetuneOptions options = taught(model);
    options.distillation = {};
    EXPECT_TRUE(finetune(model, *toyData(), options, {}));
    return model;
}

TEST(Teacher, TeachesWithoutLabels) {
    const auto unlabelled = data::InMemoryDataset::create({.name = "points", .train = {testing::points(50).samples, {}}}).value();
    const graph::Graph teacher = trainedWide();
    for (const steps::OutputLoss outputs : {steps::OutputLoss::Auto, steps::OutputLoss::Divergence}) {
        FinetuneOptions options = taught(teacher);
        options.distillation.outputs = outputs;
        graph::Graph student = toyModel();
        const auto report = finetune(student, *unlabelled, options, {});
        ASSERT_TRUE(report) << report.error().text();
        EXPECT_LT(report->curve.losses.back(), 0.2 * report->curve.losses.front());
    }
}

TEST(Teacher, FeaturesOfOtherWidthsAreComparedToo) {
    const graph::Graph teacher = trainedWide();
    for (const FeatureLoss features : {FeatureLoss::FitNets, FeatureLoss::Similarity}) {
        FinetuneOptions options = taught(teacher);
        options.distillation.weight = 0;
        options.distillation.features = features;
        options.frozen = {"fc2.weight", "fc2.bias"}; // only what the features reach is left
        graph::Graph student = toyModel();
        const auto report = finetune(student, *toyData(), options, {});
        ASSERT_TRUE(report) << report.error().text();
        EXPECT_LT(report->curve.losses.back(), report->curve.losses.front());
        EXPECT_NE(testing::weight(student, "fc1.weight"), testing::weight(toyModel(), "fc1.weight"));
    }
}

TEST(Teacher, SaysWhatCannotBeCompared) {
    const graph::Graph teacher = wideModel();
    FinetuneOptions options = taught(teacher);
    options.distillation.features = FeatureLoss::Attention;
    graph::Graph student = toyModel();
    const auto attention = finetune(student, *toyData(), options, {});
    ASSERT_FALSE(attention) << "rows of numbers have no places";
    EXPECT_EQ(attention.error().code, base::ErrorCode::Rejected);

    graph::Graph other = wideModel();
    other.findNode("fc1")->name = "a";
    other.findNode("fc2")->name = "b";
    options = taught(other);
    options.distillation.features = FeatureLoss::FitNets;
    const auto names = finetune(student, *toyData(), options, {});
    ASSERT_FALSE(names);
    EXPECT_NE(names.error().message.text().find("there are no features to compare"), std::string::npos) << names.error().message;
    EXPECT_TRUE(graph::structurallyEqual(student, toyModel()));

    graph::Graph shorter = wideModel();
    shorter.main.outputs = {shorter.findNode("relu")->results[0]};
    const auto outputs = finetune(student, *toyData(), taught(shorter), {});
    ASSERT_FALSE(outputs);
    EXPECT_NE(outputs.error().message.text().find("Output 1 of the teacher is 10x7, but that of the model 10x3."), std::string::npos)
        << outputs.error().message;
}

} // namespace
} // namespace lathe::train
