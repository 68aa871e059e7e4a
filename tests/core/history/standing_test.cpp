#include <core/history/standing.h>

#include <gtest/gtest.h>

#include "support.h"

namespace lathe::history {
namespace {

RunRow original(const std::string& id, double p50, double accuracy = 0.9) {
    RunRow row = baselineRow();
    row.id = id;
    row.state = RunState::Complete;
    row.result.quality.accuracy = accuracy;
    row.result.latency.p50 = p50;
    return row;
}

RunRow optimized(const std::string& id, const RunRow& parent, double p50, double accuracy, double measuredRatio) {
    RunRow row = parent;
    row.id = id;
    row.role = RunRole::Optimized;
    row.parentId = parent.id;
    row.recipeSummary = "int8";
    row.result.quality.accuracy = accuracy;
    row.result.latency.p50 = p50;
    row.comparison.emplace();
    row.comparison->accuracyDrop = *parent.result.quality.accuracy - accuracy;
    row.comparison->speedup = {measuredRatio, measuredRatio - 0.1, measuredRatio + 0.1, measure::Verdict::Faster};
    return row;
}

class StandingTest : public testing::Test {
protected:
    // Two comparisons of one model, the second on a slower day, and one of another model with other data.
    RunRow first = original("first", 1.0), firstInt8 = optimized("first int8", first, 0.5, 0.89, 2.1);
    RunRow second = original("second", 6.44), secondInt8 = optimized("second int8", second, 3.0, 0.88, 2.2);
    RunRow resnet = original("resnet", 20, 0.7), resnetInt8 = optimized("resnet int8", resnet, 10, 0.69, 1.9);

    StandingTest() {
        for (RunRow* row : {&resnet, &resnetInt8}) {
            row->modelFile = "/models/resnet18.pt";
            row->modelSha256 = "ee55";
            row->dataName = "imagenet.npz";
            row->dataSha256 = "dd44";
        }
    }
    /// Newest first.
    [[nodiscard]] std::vector<RunRow> rows() const { return {resnetInt8, resnet, secondInt8, second, firstInt8, first}; }
    enum Position : std::size_t { ResnetInt8, Resnet, SecondInt8, Second, FirstInt8, First };
};

TEST_F(StandingTest, WithoutAPinnedRunEachIsComparedWithItsOwnOriginal) {
    const Standings all = standingsOf(rows());
    ASSERT_EQ(all.scopes.size(), 2u);
    EXPECT_EQ(all.scopes[0].modelName, "resnet18.pt");
    EXPECT_EQ(all.standing[Resnet].scope, 0u);
    EXPECT_EQ(all.standing[First].scope, 1u);
    EXPECT_EQ(all.standing[SecondInt8].baseline, Second);
    EXPECT_TRUE(all.standing[SecondInt8].isMeasuredTogether);
    EXPECT_EQ(all.standing[SecondInt8].speedup, 2.2);
    EXPECT_NEAR(all.standing[SecondInt8].accuracyChange.value(), -0.02, 1e-12);
    for (const Position baseline : {Resnet, Second, First}) {
        EXPECT_FALSE(all.standing[baseline].baseline) << baseline;
        EXPECT_FALSE(all.standing[baseline].speedup) << baseline;
    }
}

TEST_F(StandingTest, ADisturbedMeasurementMakesTheSpeedUpOfNoWorth) {
    secondInt8.comparison->speedup.verdict = measure::Verdict::NotReliable;
    EXPECT_FALSE(standingsOf(rows()).standing[SecondInt8].isSpeedReliable);
    EXPECT_TRUE(standingsOf(rows()).standing[FirstInt8].isSpeedReliable);
    // By medians: of either side.
    firstInt8.isPinnedBaseline = true;
    EXPECT_TRUE(standingsOf(rows()).standing[SecondInt8].isSpeedReliable) << "its own median is";
    secondInt8.result.latency.whyNotReliable = "It was loud.";
    EXPECT_FALSE(standingsOf(rows()).standing[SecondInt8].isSpeedReliable);
    secondInt8.result.latency.whyNotReliable.clear();
    firstInt8.result.latency.whyNotReliable = "It was loud.";
    EXPECT_FALSE(standingsOf(rows()).standing[SecondInt8].isSpeedReliable);
    EXPECT_TRUE(standingsOf(rows()).standing[ResnetInt8].isSpeedReliable) << "another scope";
}

TEST_F(StandingTest, APinnedRunCountsInItsScopeOnly) {
    firstInt8.isPinnedBaseline = true;
    const Standings all = standingsOf(rows());
    EXPECT_FALSE(all.standing[FirstInt8].baseline);
    EXPECT_FALSE(all.standing[FirstInt8].speedup);
    EXPECT_EQ(all.standing[SecondInt8].baseline, FirstInt8);
    EXPECT_FALSE(all.standing[SecondInt8].isMeasuredTogether) << "the interval is of another pair";
    EXPECT_EQ(all.standing[SecondInt8].speedup, 0.5 / 3.0);
    EXPECT_NEAR(all.standing[SecondInt8].accuracyChange.value(), -0.01, 1e-12);
    EXPECT_EQ(all.standing[ResnetInt8].baseline, Resnet) << "ResNet has nothing to do with LeNet";
    EXPECT_EQ(all.standing[ResnetInt8].speedup, 1.9);
}

TEST_F(StandingTest, AnUnchangedModelIsNotFasterThanItself) {
    second.isPinnedBaseline = true;
    const Standings all = standingsOf(rows());
    EXPECT_EQ(all.standing[First].baseline, Second);
    EXPECT_TRUE(all.standing[First].isSameModel);
    EXPECT_FALSE(all.standing[First].speedup) << "6.44 times, on another day";
    EXPECT_EQ(all.standing[First].accuracyChange, 0.0);
    // Measured in turns with the same model as the pinned one: that counts, not medians of two days.
    EXPECT_TRUE(all.standing[FirstInt8].isMeasuredTogether);
    EXPECT_EQ(all.standing[FirstInt8].speedup, 2.1);
}

TEST_F(StandingTest, ARunWhoseOriginalIsGoneKeepsWhatWasMeasured) {
    firstInt8.parentId.clear();
    const std::vector<RunRow> rows{firstInt8};
    const Standings all = standingsOf(rows);
    EXPECT_FALSE(all.standing[0].baseline);
    EXPECT_TRUE(all.standing[0].isMeasuredTogether);
    EXPECT_EQ(all.standing[0].speedup, 2.1);
    EXPECT_NEAR(all.standing[0].accuracyChange.value(), -0.01, 1e-12);
}

TEST_F(StandingTest, OnlyCompleteRunsStand) {
    first.state = RunState::Failed;
    firstInt8.state = RunState::Running;
    second.isPinnedBaseline = true;
    second.state = RunState::Interrupted;
    const Standings all = standingsOf(rows());
    EXPECT_FALSE(all.standing[FirstInt8].speedup);
    EXPECT_FALSE(all.standing[SecondInt8].baseline);
    EXPECT_TRUE(standingsOf({}).scopes.empty());
}

} // namespace
} // namespace lathe::history
