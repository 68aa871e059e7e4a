#include <core/history/run_document.h>

#include <gtest/gtest.h>

#include <core/history/figures.h>

#include "support.h"

namespace lathe::history {
namespace {

TEST(RunDocument, RowsAndBack) {
    measure::RunDocument measured = document();
    measured.environment["device"] = "cuda:0";
    measured.historyIds = {"first", "second"};
    const std::vector<RunRow> rows = rowsOf(measured, "2026-01-02T03:04:05Z");
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].id, "first");
    EXPECT_EQ(rows[1].parentId, "first");
    EXPECT_EQ(rows[1].device, "cuda:0");
    EXPECT_EQ(rows[0].createdAt, "2026-01-02T03:04:05Z");
    EXPECT_EQ(rows[1].state, RunState::Complete);
    const measure::RunDocument back = documentOf(rows[0], rows[1]);
    EXPECT_EQ(back.modelFile, measured.modelFile);
    EXPECT_EQ(back.modelSha256, measured.modelSha256);
    EXPECT_EQ(back.modelFormat, measured.modelFormat);
    EXPECT_EQ(back.dataName, measured.dataName);
    EXPECT_EQ(back.dataSha256, measured.dataSha256);
    EXPECT_EQ(back.dataSamples, measured.dataSamples);
    EXPECT_EQ(back.environment, measured.environment);
    EXPECT_EQ(back.seed, measured.seed);
    EXPECT_EQ(back.recipeJson, measured.recipeJson);
    EXPECT_EQ(back.historyIds, measured.historyIds);
    ASSERT_EQ(back.steps.size(), measured.steps.size());
    EXPECT_EQ(back.steps[1].notes, measured.steps[1].notes);
    EXPECT_EQ(back.baseline.latency.samplesMs, measured.baseline.latency.samplesMs);
    EXPECT_EQ(back.comparison.flips.size(), measured.comparison.flips.size());
    EXPECT_EQ(back.comparison.speedup.baseline, measured.comparison.speedup.baseline);
    for (const Figure& figure : figures()) {
        EXPECT_EQ(storedValue(figure, back.optimized, back.comparison), storedValue(figure, measured.optimized, measured.comparison))
            << figure.name;
        EXPECT_EQ(storedValue(figure, back.baseline, std::nullopt), storedValue(figure, measured.baseline, std::nullopt)) << figure.name;
    }
}

TEST(RunDocument, AnOriginalWhoseRowIsGone) {
    RunRow optimized = rowsOf(document())[1];
    optimized.parentId.clear();
    const measure::RunDocument alone = documentOf({}, optimized);
    EXPECT_EQ(alone.historyIds, (std::vector<std::string>{"", "optimized"}));
    EXPECT_EQ(alone.baseline.parameters, 0);
    EXPECT_EQ(alone.optimized.parameters, optimized.result.parameters);
}

} // namespace
} // namespace lathe::history
