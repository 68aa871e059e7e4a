#include <core/train/schedule.h>

#include <gtest/gtest.h>

namespace lathe::train {
namespace {

using steps::Schedule;

TEST(Schedule, ConstantStays) {
    for (const std::int64_t step : {0, 50, 99}) {
        EXPECT_EQ(scheduleFactor(Schedule::Constant, 0, step, 100), 1);
    }
}

TEST(Schedule, WarmUpCosineRisesThenFalls) {
    const auto factor = [](std::int64_t step) { return scheduleFactor(Schedule::Cosine, 0.15, step, 1000); };
    EXPECT_EQ(factor(0), 0);
    EXPECT_NEAR(factor(75), 0.5, 1e-12);
    EXPECT_NEAR(factor(150), 1, 1e-12);
    EXPECT_NEAR(factor(575), 0.5, 1e-12) << "half way down";
    EXPECT_NEAR(factor(1000), 0, 1e-12);
    for (std::int64_t step = 150; step < 990; step += 10) {
        EXPECT_GT(factor(step), factor(step + 10));
    }
}

TEST(Schedule, StepsFallTwiceBehindTheWarmUp) {
    const auto factor = [](std::int64_t step) { return scheduleFactor(Schedule::Step, 0.2, step, 100); };
    EXPECT_EQ(factor(10), 0.5);
    EXPECT_EQ(factor(20), 1);
    EXPECT_EQ(factor(59), 1);
    EXPECT_EQ(factor(60), 0.1);
    EXPECT_EQ(factor(79), 0.1);
    EXPECT_EQ(factor(80), 0.01);
}

TEST(Schedule, OneCycleIsHighestBehindItsRisingPart) {
    const auto factor = [](std::int64_t step) { return scheduleFactor(Schedule::OneCycle, 0, step, 100); };
    EXPECT_NEAR(factor(0), 0.04, 1e-12);
    EXPECT_NEAR(factor(29), 1, 1e-12);
    EXPECT_NEAR(factor(99), 0.04 / 1e4, 1e-12);
}

TEST(Schedule, OneCycleOfFewStepsHasNumbers) {
    for (const std::int64_t steps : {1, 2, 3, 4}) {
        for (std::int64_t step = 0; step < steps; ++step) {
            const double factor = scheduleFactor(Schedule::OneCycle, 0, step, steps);
            EXPECT_GE(factor, 0) << step << " of " << steps;
            EXPECT_LE(factor, 1) << step << " of " << steps;
        }
    }
}

} // namespace
} // namespace lathe::train
