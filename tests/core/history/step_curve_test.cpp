#include <core/history/step_curve.h>

#include <cmath>

#include <gtest/gtest.h>

namespace lathe::history {
namespace {

TEST(StepCurve, StandsAmongTheFiguresOfItsStep) {
    const steps::TrainingCurve curve{{0.9, 0.5, 0.4}, {0.1, 0.05, 0}, {1, 0.75, 0.8}, {0.5, 0.75, 0.625}};
    measure::StepResult step;
    step.figures = {{"epochs", 3}};
    setCurve(step, curve);
    EXPECT_EQ(curveOf(step), curve);
    EXPECT_EQ(step.epochLosses, curve.losses);
    EXPECT_EQ(step.figures.at("validation_losses@2"), 0.75);
    EXPECT_EQ(step.figures.at("epochs"), 3) << "others stay";
    EXPECT_FALSE(isOfEpoch("epochs"));
    EXPECT_TRUE(isOfEpoch("learning_rates@1"));
}

TEST(StepCurve, EpochsAreInTheirOrder) {
    steps::TrainingCurve curve;
    for (int epoch = 0; epoch < 12; ++epoch) { // "@10" sorts before "@2"
        curve.losses.push_back(epoch);
        curve.learningRates.push_back(100 + epoch);
    }
    measure::StepResult step;
    setCurve(step, curve);
    EXPECT_EQ(curveOf(step), curve);
}

TEST(StepCurve, WhatIsNotThereIsEmptyAndWhatWasNotFiniteIsNaN) {
    measure::StepResult old; // by a version that knew only losses
    old.epochLosses = {2, 1};
    EXPECT_EQ(curveOf(old), (steps::TrainingCurve{{2, 1}, {}, {}, {}}));
    EXPECT_EQ(curveOf({}), steps::TrainingCurve());

    measure::StepResult step;
    setCurve(step, {{2, 1}, {}, {3, 4}, {}});
    step.figures.erase("validation_losses@1"); // JSON and databases drop what is no number
    const std::vector<double> losses = curveOf(step).validationLosses;
    ASSERT_EQ(losses.size(), 2U);
    EXPECT_TRUE(std::isnan(losses[0]));
    EXPECT_EQ(losses[1], 4);
}

} // namespace
} // namespace lathe::history
