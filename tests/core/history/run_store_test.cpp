#include <core/history/run_store.h>

#include <cmath>
#include <limits>

#include <SQLiteCpp/Database.h>
#include <gtest/gtest.h>

#include <core/base/files.h>
#include <core/base/message_json.h>

#include "support.h"

namespace lathe::history {
namespace {

using measure::Comparison;
using measure::LayerFigures;
using measure::ModelResult;
using measure::StepResult;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

void expectSame(const ModelResult& a, const ModelResult& b) {
    EXPECT_EQ(a.kind, b.kind);
    EXPECT_EQ(a.quality.samples, b.quality.samples);
    EXPECT_EQ(a.quality.loss, b.quality.loss);
    EXPECT_EQ(a.quality.accuracy, b.quality.accuracy);
    EXPECT_EQ(a.quality.sqnrDb, b.quality.sqnrDb);
    EXPECT_EQ(a.quality.cosine, b.quality.cosine);
    EXPECT_EQ(a.quality.maxAbsError, b.quality.maxAbsError);
    EXPECT_EQ(a.quality.top5, b.quality.top5);
    EXPECT_EQ(a.quality.precision, b.quality.precision);
    EXPECT_EQ(a.quality.recall, b.quality.recall);
    EXPECT_EQ(a.quality.f1, b.quality.f1);
    EXPECT_EQ(a.quality.confusion, b.quality.confusion);
    EXPECT_EQ(a.quality.classPrecision, b.quality.classPrecision);
    EXPECT_EQ(a.quality.classRecall, b.quality.classRecall);
    EXPECT_EQ(a.quality.classF1, b.quality.classF1);
    EXPECT_EQ(a.quality.predictions, b.quality.predictions);
    EXPECT_EQ(a.quality.nonFinite, b.quality.nonFinite);
    EXPECT_EQ(a.latency.p50, b.latency.p50);
    EXPECT_EQ(a.latency.p90, b.latency.p90);
    EXPECT_EQ(a.latency.p95, b.latency.p95);
    EXPECT_EQ(a.latency.p99, b.latency.p99);
    EXPECT_EQ(a.latency.p999, b.latency.p999);
    EXPECT_EQ(a.latency.mean, b.latency.mean);
    EXPECT_EQ(a.latency.stddev, b.latency.stddev);
    EXPECT_EQ(a.latency.calls, b.latency.calls);
    EXPECT_EQ(a.latency.batch, b.latency.batch);
    EXPECT_EQ(a.latency.threads, b.latency.threads);
    EXPECT_EQ(a.latency.warmupCalls, b.latency.warmupCalls);
    EXPECT_EQ(a.latency.noise, b.latency.noise);
    EXPECT_EQ(a.latency.disturbed, b.latency.disturbed);
    EXPECT_EQ(a.latency.whyNotReliable, b.latency.whyNotReliable);
    EXPECT_EQ(a.latency.samplesMs, b.latency.samplesMs);
    EXPECT_EQ(a.latency.marks, b.latency.marks);
    EXPECT_EQ(a.throughputPerS, b.throughputPerS);
    EXPECT_EQ(a.throughputBatch, b.throughputBatch);
    EXPECT_EQ(a.whyThroughputNotReliable, b.whyThroughputNotReliable);
    EXPECT_EQ(a.loadMs, b.loadMs);
    EXPECT_EQ(a.fileBytes, b.fileBytes);
    EXPECT_EQ(a.parameters, b.parameters);
    EXPECT_EQ(a.macs, b.macs);
    EXPECT_EQ(a.macsUnknownLayers, b.macsUnknownLayers);
    EXPECT_EQ(a.peakMemoryBytes, b.peakMemoryBytes);
    ASSERT_EQ(a.layers.size(), b.layers.size());
    for (std::size_t i = 0; i < a.layers.size(); ++i) {
        EXPECT_EQ(a.layers[i].name, b.layers[i].name);
        EXPECT_EQ(a.layers[i].op, b.layers[i].op);
        EXPECT_EQ(a.layers[i].kernel, b.layers[i].kernel);
        EXPECT_EQ(a.layers[i].kind, b.layers[i].kind);
        EXPECT_EQ(static_cast<const LayerFigures&>(a.layers[i]), static_cast<const LayerFigures&>(b.layers[i]));
        EXPECT_EQ(a.layers[i].reason, b.layers[i].reason);
        EXPECT_EQ(a.layers[i].covers, b.layers[i].covers);
    }
}

void expectSame(const Comparison& a, const Comparison& b) {
    EXPECT_EQ(a.accuracyDrop, b.accuracyDrop);
    EXPECT_EQ(a.agreement, b.agreement);
    EXPECT_EQ(a.sizeRatio, b.sizeRatio);
    EXPECT_EQ(a.speedup.ratio, b.speedup.ratio);
    EXPECT_EQ(a.speedup.low, b.speedup.low);
    EXPECT_EQ(a.speedup.high, b.speedup.high);
    EXPECT_EQ(a.speedup.verdict, b.speedup.verdict);
    EXPECT_EQ(a.speedup.reason, b.speedup.reason);
    EXPECT_EQ(a.speedup.baseline, b.speedup.baseline);
    EXPECT_EQ(a.simulatedAgreement, b.simulatedAgreement);
    EXPECT_EQ(a.simulatedAccuracy, b.simulatedAccuracy);
    ASSERT_EQ(a.flips.size(), b.flips.size());
    for (std::size_t i = 0; i < a.flips.size(); ++i) {
        EXPECT_EQ(a.flips[i].sample, b.flips[i].sample);
        EXPECT_EQ(a.flips[i].label, b.flips[i].label);
        EXPECT_EQ(a.flips[i].before, b.flips[i].before);
        EXPECT_EQ(a.flips[i].after, b.flips[i].after);
    }
}

/// With their codes, which make no difference to ==.
std::vector<base::Json> coded(const std::vector<base::Message>& messages) {
    std::vector<base::Json> all;
    for (const base::Message& message : messages)
        all.push_back({message.text(), base::codeJson(message)});
    return all;
}

void expectSame(const std::vector<StepResult>& a, const std::vector<StepResult>& b) {
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        EXPECT_EQ(a[i].op, b[i].op);
        EXPECT_EQ(a[i].seconds, b[i].seconds);
        EXPECT_EQ(a[i].peakMemoryBytes, b[i].peakMemoryBytes);
        EXPECT_EQ(a[i].figures, b[i].figures);
        EXPECT_EQ(coded(a[i].warnings), coded(b[i].warnings));
        EXPECT_EQ(a[i].epochLosses, b[i].epochLosses);
        EXPECT_EQ(coded(a[i].notes), coded(b[i].notes));
    }
}

class RunStoreTest : public testing::Test {
protected:
    base::TemporaryFolder m_folder;
    History m_history = openOrDie(m_folder.path() / "history.sqlite");
};

/// As a disturbed machine leaves it.
measure::RunDocument disturbed() {
    measure::RunDocument measured = document(3);
    for (measure::ModelResult* result : {&measured.baseline, &measured.optimized}) {
        result->latency.marks = {1, 1, 1};
        result->latency.disturbed = 3;
        result->latency.whyNotReliable = "3 of 3 calls were disturbed by other programs (1.9 cores busy).";
        result->whyThroughputNotReliable = "8 of 9 calls were disturbed by heat: the processor was slowed down.";
    }
    measured.comparison.speedup.verdict = measure::Verdict::NotReliable;
    measured.comparison.speedup.reason = measured.baseline.latency.whyNotReliable;
    return measured;
}

TEST_F(RunStoreTest, WhatIsNotReliableStaysSo) {
    const measure::RunDocument measured = disturbed();
    const auto [baselineId, optimizedId] = addComparison(m_history, measured);
    expectSame(m_history.run(baselineId)->result, measured.baseline);
    expectSame(m_history.run(optimizedId)->result, measured.optimized);
    expectSame(*m_history.run(optimizedId)->comparison, measured.comparison);
    const auto rows = m_history.list();
    ASSERT_TRUE(rows);
    ASSERT_EQ(rows->size(), 2U);
    for (const RunRow& row : *rows)
        EXPECT_FALSE(measure::isReliable(row.result.latency)) << "the list says it too";
    EXPECT_EQ(rows->front().comparison->speedup.verdict, measure::Verdict::NotReliable);
}

TEST_F(RunStoreTest, AnotherMeasurementReplacesTheSpeedAndNothingElse) {
    measure::RunDocument expected = disturbed();
    const auto [baselineId, optimizedId] = addComparison(m_history, expected);
    measure::RunDocument again = document(7);
    again.environment = {{"cpu", "quiet"}};
    again.optimized.latency.samplesMs = {0.5, 0.25, 0.125, 0.5};
    again.optimized.latency.marks = {0, 0, 0, 1};
    again.optimized.layers[0].p50Us = 99.5;
    again.optimized.layers[0].limitShare = 0.875;
    again.baseline.layers[0].limitShare.reset();
    again.optimized.layers[0].loss = 123;
    const auto replaced = m_history.replaceSpeed(again, baselineId, optimizedId);
    ASSERT_TRUE(replaced) << replaced.error().text();

    expected.comparison.speedup = again.comparison.speedup;
    for (const auto side : {&measure::RunDocument::baseline, &measure::RunDocument::optimized}) {
        (expected.*side).latency = (again.*side).latency;
        (expected.*side).throughputPerS = (again.*side).throughputPerS;
        (expected.*side).whyThroughputNotReliable.clear();
        for (std::size_t i = 0; i < (expected.*side).layers.size(); ++i) {
            (expected.*side).layers[i].p50Us = (again.*side).layers[i].p50Us;
            (expected.*side).layers[i].limitShare = (again.*side).layers[i].limitShare;
        }
    }
    const RunRow optimized = m_history.run(optimizedId).value();
    expectSame(optimized.result, expected.optimized);
    expectSame(*optimized.comparison, expected.comparison);
    expectSame(optimized.steps, expected.steps);
    EXPECT_EQ(optimized.environment, again.environment);
    EXPECT_EQ(optimized.recipeJson, expected.recipeJson);
    EXPECT_EQ(optimized.state, RunState::Complete);
    expectSame(m_history.run(baselineId)->result, expected.baseline);
    EXPECT_EQ(m_history.check().value(), "");
}

TEST_F(RunStoreTest, OnlyCompleteRunsOfTheSameLayersAreMeasuredAgain) {
    const auto [baselineId, optimizedId] = addComparison(m_history, document(3));
    measure::RunDocument other = document(3);
    other.optimized.layers.pop_back();
    other.baseline.latency.p50 = 77;
    const auto replaced = m_history.replaceSpeed(other, baselineId, optimizedId);
    ASSERT_FALSE(replaced);
    EXPECT_EQ(replaced.error().code, base::ErrorCode::InvalidArgument);
    expectSame(m_history.run(baselineId)->result, document(3).baseline);
    const auto running = m_history.begin({}, {});
    ASSERT_TRUE(running);
    EXPECT_FALSE(m_history.replaceSpeed(document(3), running->first, running->second));
    EXPECT_TRUE(m_history.replaceSpeed(document(4), "", optimizedId)) << "its original was removed";
    expectSame(m_history.run(baselineId)->result, document(3).baseline);
}

TEST_F(RunStoreTest, GivesBackEveryFigureOfADocument) {
    const measure::RunDocument measured = document(3);
    const auto [baselineId, optimizedId] = addComparison(m_history, measured);

    const auto baseline = m_history.run(baselineId);
    ASSERT_TRUE(baseline) << baseline.error().text();
    EXPECT_EQ(baseline->role, RunRole::Baseline);
    EXPECT_EQ(baseline->state, RunState::Complete);
    EXPECT_EQ(baseline->parentId, "");
    EXPECT_FALSE(baseline->comparison);
    EXPECT_TRUE(baseline->steps.empty());
    EXPECT_EQ(baseline->recipeJson, "");
    expectSame(baseline->result, measured.baseline);

    const auto optimized = m_history.run(optimizedId);
    ASSERT_TRUE(optimized) << optimized.error().text();
    EXPECT_EQ(optimized->role, RunRole::Optimized);
    EXPECT_EQ(optimized->state, RunState::Complete);
    EXPECT_EQ(optimized->parentId, baselineId);
    EXPECT_EQ(optimized->recipeJson, measured.recipeJson);
    EXPECT_EQ(optimized->recipeSummary, "fuse → static int8");
    EXPECT_EQ(optimized->seed, 3);
    EXPECT_EQ(optimized->device, "cpu");
    EXPECT_EQ(optimized->modelFile, measured.modelFile);
    EXPECT_EQ(optimized->modelSha256, measured.modelSha256);
    EXPECT_EQ(optimized->modelFormat, measured.modelFormat);
    EXPECT_EQ(optimized->dataName, measured.dataName);
    EXPECT_EQ(optimized->dataSha256, measured.dataSha256);
    EXPECT_EQ(optimized->dataSamples, 10000);
    EXPECT_EQ(optimized->environment, measured.environment);
    expectSame(optimized->result, measured.optimized);
    expectSame(optimized->steps, measured.steps);
    ASSERT_TRUE(optimized->comparison);
    expectSame(*optimized->comparison, measured.comparison);
}

TEST_F(RunStoreTest, KeepsWhatWasNotMeasuredApartFromWhatIsNotFinite) {
    measure::RunDocument measured = document();
    measured.baseline = {};
    measured.optimized = {};
    measured.optimized.quality.loss = nan;
    measured.optimized.throughputPerS = std::numeric_limits<double>::infinity();
    measured.steps[1].figures["final_loss"] = nan;
    measured.steps[1].epochLosses = {nan, 1};
    measured.comparison = {};
    measured.comparison.agreement = nan;
    const auto [baselineId, optimizedId] = addComparison(m_history, measured);

    const auto baseline = m_history.run(baselineId);
    ASSERT_TRUE(baseline) << baseline.error().text();
    expectSame(baseline->result, ModelResult{});

    const auto optimized = m_history.run(optimizedId);
    ASSERT_TRUE(optimized) << optimized.error().text();
    ASSERT_TRUE(optimized->result.quality.loss);
    EXPECT_TRUE(std::isnan(*optimized->result.quality.loss));
    EXPECT_FALSE(optimized->result.quality.accuracy);
    EXPECT_EQ(optimized->result.throughputPerS, std::numeric_limits<double>::infinity());
    EXPECT_TRUE(std::isnan(optimized->steps.at(1).figures.at("final_loss")));
    EXPECT_TRUE(std::isnan(optimized->steps.at(1).epochLosses.at(0)));
    EXPECT_FALSE(optimized->comparison->accuracyDrop);
    EXPECT_FALSE(optimized->comparison->agreement);
}

TEST_F(RunStoreTest, KeepsTextAsItIs) {
    RunRow row = optimizedRow();
    row.name = "it's 50 % \"faster\"; DROP TABLE run; 模型";
    row.note = "line one\nline two";
    measure::RunDocument measured = document();
    measured.environment["cpu"] = "odd \xFF byte";
    const auto ids = addComparison(m_history, measured, row);
    const auto stored = m_history.run(ids.second);
    ASSERT_TRUE(stored) << stored.error().text();
    EXPECT_EQ(stored->name, row.name);
    EXPECT_EQ(stored->note, row.note);
    EXPECT_EQ(stored->environment.at("cpu"), "odd \xEF\xBF\xBD byte"); // U+FFFD: JSON is UTF-8
}

TEST_F(RunStoreTest, RefusesAConfusionMatrixWithRaggedRowsAndStoresNothing) {
    const auto ids = m_history.begin(baselineRow(), optimizedRow());
    ASSERT_TRUE(ids);
    measure::RunDocument measured = document();
    measured.optimized.quality.confusion = {{1, 2}, {3}};
    const auto refused = m_history.complete(measured, ids->first, ids->second);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, base::ErrorCode::InvalidArgument);
    EXPECT_EQ(m_history.run(ids->first)->state, RunState::Running);
}

TEST_F(RunStoreTest, LeavesNoEnvironmentThatNoRunUses) {
    const auto count = [&](const char* table) {
        SQLite::Database database((m_folder.path() / "history.sqlite").string());
        return database.execAndGet(std::string("SELECT count(*) FROM ") + table).getInt();
    };
    const auto first = addComparison(m_history, document(1)), second = addComparison(m_history, document(2));
    EXPECT_EQ(count("environment"), 2) << "the one given to begin() is replaced by that of the document";
    EXPECT_EQ(count("model"), 1);
    EXPECT_EQ(count("dataset"), 1);
    ASSERT_TRUE(m_history.remove({first.first, first.second, second.first}));
    EXPECT_EQ(count("environment"), 1);
    EXPECT_EQ(count("model"), 1);
    ASSERT_TRUE(m_history.remove({second.second}));
    for (const char* table :
         {"environment", "model", "dataset", "metric", "series", "step", "step_figure", "layer_metric", "comparison", "flip"})
        EXPECT_EQ(count(table), 0) << table;
}

TEST_F(RunStoreTest, NamesRunsByModelRecipeAndNumber) {
    const auto ids = m_history.begin(baselineRow(), optimizedRow());
    ASSERT_TRUE(ids);
    EXPECT_EQ(m_history.run(ids->first)->name, "lenet5 · baseline · 1");
    EXPECT_EQ(m_history.run(ids->second)->name, "lenet5 · fuse → static int8 · 2");
}

} // namespace
} // namespace lathe::history
