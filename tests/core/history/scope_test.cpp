#include <core/history/scope.h>

#include <functional>

#include <gtest/gtest.h>

#include "support.h"

namespace lathe::history {
namespace {

RunRow complete() {
    RunRow row = baselineRow();
    row.state = RunState::Complete;
    row.environment = {{"cpu", "EPYC"}, {"device_name", "EPYC"}, {"threads", "2"}, {"task", "classification"}, {"load_before", "0.1"}};
    row.result.quality.accuracy = 0.9;
    return row;
}

TEST(Scope, HoldsWhatFiguresDependOnAndNothingElse) {
    const Scope scope = scopeOf(complete());
    RunRow other = complete();
    other.id = "another";
    other.name = "name";
    other.modelFile = "/copy/of.pt"; // the same bytes
    other.seed = 99;
    other.recipeJson = "{}";
    other.environment["load_before"] = "7";
    other.result.latency.threads = 1; // which of several counts was the fastest is a result, not a setting
    EXPECT_EQ(scopeOf(other), scope);
    EXPECT_EQ(whyNotCompared(scope, scopeOf(other)), "");

    const std::pair<ScopePart, std::function<void(RunRow&)>> changes[] = {
        {ScopePart::Model, [](RunRow& row) { row.modelSha256 = "ff00"; }},
        {ScopePart::Data, [](RunRow& row) { row.dataSha256 = "ff00"; }},
        {ScopePart::Task, [](RunRow& row) { row.environment["task"] = "outputs"; }},
        {ScopePart::Device, [](RunRow& row) { row.device = "cuda:0"; }},
        {ScopePart::Machine, [](RunRow& row) { row.environment["device_name"] = "Ryzen"; }},
        {ScopePart::Threads, [](RunRow& row) { row.environment["threads"] = "4"; }},
        {ScopePart::Batch, [](RunRow& row) { row.result.latency.batch = 8; }},
    };
    for (const auto& [part, change] : changes) {
        RunRow changed = complete();
        change(changed);
        EXPECT_FALSE(scopeOf(changed) == scope) << static_cast<int>(part);
        EXPECT_EQ(differences(scope, scopeOf(changed)), std::vector<ScopePart>{part});
    }
}

TEST(Scope, WhatIsNotRecordedIsTakenFromTheRest) {
    RunRow old = complete();
    old.environment.erase("task");
    EXPECT_EQ(scopeOf(old), scopeOf(complete()));
    old.environment.erase("device_name");
    EXPECT_EQ(scopeOf(old), scopeOf(complete())) << "of a CPU it is the same name";
    old.result.quality.accuracy.reset();
    EXPECT_EQ(scopeOf(old).task, "outputs");
    RunRow nameless, other;
    nameless.dataName = "a.npz";
    other.dataName = "b.npz";
    EXPECT_EQ(scopeOf(nameless).threads, 0);
    EXPECT_FALSE(scopeOf(nameless) == scopeOf(other));
}

TEST(Scope, SaysWhyRunsAreNotCompared) {
    const Scope scope = scopeOf(complete());
    EXPECT_EQ(text(scope), "lenet5.pt · fashion-mnist · cpu, EPYC, 2 threads, batch 1");
    RunRow other = complete();
    other.dataName = "digits";
    other.dataSha256 = "cc33";
    other.environment["threads"] = "4";
    EXPECT_EQ(whyNotCompared(scope, scopeOf(other)), "different data: fashion-mnist and digits; different threads: 2 and 4");
    // Called alike and not the same: then the name explains nothing.
    other = complete();
    other.modelSha256 = "0123456789abcdef";
    EXPECT_EQ(whyNotCompared(scope, scopeOf(other)), "different model: lenet5.pt (aa11) and lenet5.pt (01234567)");
}

} // namespace
} // namespace lathe::history
