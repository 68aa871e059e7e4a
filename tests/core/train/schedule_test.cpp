#include <core/train/schedule.h>

#include <gtest/gtest.h>

namespace lathe::train {
namespace {

TEST(Schedule, ConstantStays) {
    for (const double progress : {0.0, 0.5, 0.999}) {
        EXPECT_EQ(scheduleFactor(Schedule::Constant, progress), 1);
    }
}

TEST(Schedule, WarmUpCosineRisesThenFalls) {
    const auto factor = [](double progress) { return scheduleFactor(Schedule::WarmUpCosine, progress); };
    EXPECT_EQ(factor(0), 0);
    EXPECT_NEAR(factor(0.075), 0.5, 1e-12);
    EXPECT_NEAR(factor(0.15), 1, 1e-12);
    EXPECT_NEAR(factor(0.575), 0.5, 1e-12) << "half way down";
    EXPECT_NEAR(factor(1), 0, 1e-12);
    for (double progress = 0.15; progress < 0.99; progress += 0.01) {
        EXPECT_GT(factor(progress), factor(progress + 0.01));
    }
}

} // namespace
} // namespace lathe::train
