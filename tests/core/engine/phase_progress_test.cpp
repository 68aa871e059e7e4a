#include <core/engine/phase_progress.h>

#include <vector>

#include <gtest/gtest.h>

namespace lathe::engine {
namespace {

TEST(PhaseProgress, NumbersThePhasesAndSaysWhenOneBegins) {
    std::vector<base::Progress> seen;
    PhaseProgress progress({{}, [&](const base::Progress& each) { seen.push_back(each); }}, 3);
    const base::Job load = progress.phase("load");
    load.report({.phase = "of another name", .fraction = 0.5});
    progress.advance(1);
    (void)progress.phase("export");
    ASSERT_EQ(seen.size(), 3U);
    EXPECT_EQ(seen[0].phase, "load");
    EXPECT_EQ(seen[0].step, 1);
    EXPECT_EQ(seen[0].steps, 3);
    EXPECT_LT(seen[0].fraction, 0) << "nothing is known yet";
    EXPECT_EQ(seen[1].phase, "load");
    EXPECT_EQ(seen[1].fraction, 0.5);
    EXPECT_EQ(seen[2].phase, "export");
    EXPECT_EQ(seen[2].step, 3);
}

TEST(PhaseProgress, StepsThatNumberThemselvesKeepTheirNumbers) {
    std::vector<base::Progress> seen;
    PhaseProgress progress({{}, [&](const base::Progress& each) { seen.push_back(each); }}, 4);
    progress.job().report({.phase = "finetune", .step = 2, .values = {{"epoch", 1}}});
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_EQ(seen[0].step, 2);
    EXPECT_EQ(seen[0].steps, 4);
    EXPECT_EQ(seen[0].values.at("epoch"), 1);
}

TEST(PhaseProgress, WhatIsLeftIsThatOfThePhaseAndFourSecondsForEachBehindIt) {
    std::vector<base::Progress> seen;
    PhaseProgress progress({{}, [&](const base::Progress& each) { seen.push_back(each); }}, 3);
    const base::Job first = progress.phase("quality");
    first.report({.phase = {}, .fraction = 0.5, .secondsLeft = 10});
    first.report({.phase = {}, .fraction = 0.01}); // too early to tell
    first.report({.phase = {}, .fraction = 1});
    ASSERT_EQ(seen.size(), 4U);
    EXPECT_EQ(seen[1].secondsLeft, 10 + 2 * 4);
    EXPECT_EQ(seen[2].secondsLeft, std::nullopt);
    EXPECT_EQ(seen[3].secondsLeft, 2 * 4);
}

TEST(PhaseProgress, CancellingReachesEveryPhase) {
    std::stop_source stop;
    PhaseProgress progress({stop.get_token(), {}}, 1);
    const base::Job job = progress.phase("load");
    EXPECT_FALSE(job.isCancelled());
    stop.request_stop();
    EXPECT_TRUE(job.isCancelled());
}

} // namespace
} // namespace lathe::engine
