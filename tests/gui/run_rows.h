#pragma once

#include <string>
#include <vector>

#include <core/history/history.h>

namespace lathe::test {

/// A complete baseline as History::list() gives it.
inline history::RunRow baselineRow(const std::string& id = "base") {
    history::RunRow row;
    row.id = id;
    row.role = history::RunRole::Baseline;
    row.state = history::RunState::Complete;
    row.name = "lenet5 · original · 1";
    row.createdAt = "2026-01-02T03:04:05Z";
    row.modelFile = "lenet5.pt";
    row.dataName = "fashion-mnist";
    row.dataSamples = 10000;
    row.result.quality.samples = 10000;
    row.result.quality.accuracy = 0.9042;
    row.result.latency.p50 = 0.1182;
    row.result.fileBytes = 247000;
    row.result.parameters = 61706;
    row.result.macs = 416520;
    row.result.peakMemoryBytes = 80000000;
    return row;
}

/// A complete optimized run, measured against `parent`.
inline history::RunRow optimizedRow(const std::string& id, const history::RunRow& parent, double accuracy, double p50Ms) {
    history::RunRow row = parent;
    row.id = id;
    row.parentId = parent.id;
    row.role = history::RunRole::Optimized;
    row.name = "lenet5 · " + id + " · 2";
    row.recipeSummary = "fuse → " + id;
    row.createdAt = "2026-01-02T03:05:05Z";
    row.result.quality.accuracy = accuracy;
    row.result.latency.p50 = p50Ms;
    row.result.fileBytes = 66000;
    row.comparison.emplace();
    row.comparison->accuracyDrop = *parent.result.quality.accuracy - accuracy;
    const double ratio = parent.result.latency.p50 / p50Ms;
    row.comparison->speedup = {ratio, ratio * 0.99, ratio * 1.01,
                               ratio > 1.02 ? measure::Verdict::Faster : measure::Verdict::NoSignificantDifference};
    row.comparison->speedup.baseline = "Lathe's FP32 plan";
    return row;
}

/// As it is stored when other programs were at work: with a figure that says nothing.
inline history::RunRow disturbedRow(history::RunRow row) {
    row.result.latency.whyNotReliable = "29,748 of 29,815 calls were disturbed by other programs (1.9 cores busy).";
    if (row.comparison) {
        row.comparison->speedup.verdict = measure::Verdict::NotReliable;
        row.comparison->speedup.reason = row.result.latency.whyNotReliable;
    }
    return row;
}

} // namespace lathe::test
