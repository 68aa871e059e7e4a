#include <core/history/figures.h>

#include <algorithm>
#include <cmath>
#include <set>

#include <gtest/gtest.h>

#include <core/base/files.h>
#include <tests/support/every_figure.h>

#include "support.h"

namespace lathe::history {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

double at(const char* name, const RunRow& run) {
    const Figure* figure = figureNamed(name);
    EXPECT_NE(figure, nullptr) << name;
    return valueOf(*figure, run).value_or(nan);
}

TEST(Figures, AreCalledByNamesOfTheirOwn) {
    std::set<std::string_view> names, columns, words;
    for (const Figure& figure : figures()) {
        EXPECT_TRUE(names.insert(figure.name).second) << figure.name;
        EXPECT_TRUE(columns.insert(figure.csv).second) << figure.csv;
        EXPECT_TRUE(words.insert(figure.words).second) << figure.words;
        EXPECT_EQ(figureNamed(figure.name), &figure);
        if (!figure.partOf.empty()) {
            EXPECT_NE(figureNamed(figure.partOf), nullptr) << figure.partOf;
        }
        EXPECT_EQ(isOfComparison(figure), figure.group == FigureGroup::Comparison) << figure.name;
    }
    EXPECT_EQ(figureNamed("no_such_figure"), nullptr);
}

TEST(Figures, EachHasAMemberOfItsOwn) {
    const RunRow row = lathe::test::rowWithEveryFigure();
    for (const Figure& figure : figures()) {
        if (figure.name == "macs_unknown_layers") continue;
        EXPECT_EQ(storedValue(figure, row.result, row.comparison), lathe::test::numberFor(figure)) << figure.name;
        EXPECT_EQ(valueOf(figure, row), lathe::test::numberFor(figure)) << figure.name;
    }
}

TEST(Figures, EachIsKeptInTheHistory) {
    const base::TemporaryFolder folder;
    History history = openOrDie(folder.path() / "history.sqlite");
    measure::RunDocument measured = document();
    std::optional<measure::Comparison> comparison = measured.comparison;
    lathe::test::setEveryFigure(measured.optimized, comparison);
    measured.optimized.macsUnknownLayers = 3;
    measured.comparison = *comparison;
    const auto ids = addComparison(history, measured);
    const auto rows = history.list();
    ASSERT_TRUE(rows && rows->size() == 2);
    const auto run = history.run(ids.second);
    ASSERT_TRUE(run);
    for (const Figure& figure : figures()) {
        const auto expected = storedValue(figure, measured.optimized, measured.comparison);
        EXPECT_TRUE(expected) << figure.name;
        EXPECT_EQ(storedValue(figure, run->result, run->comparison), expected) << figure.name;
        EXPECT_EQ(storedValue(figure, rows->front().result, rows->front().comparison), expected) << figure.name;
    }
}

TEST(Figures, WhatIsComparedIsNotAlwaysWhatIsStored) {
    RunRow row = lathe::test::rowWithEveryFigure();
    row.result.quality.sqnrDb.reset();
    EXPECT_TRUE(std::isnan(at("sqnr_db", row)));
    row.result.quality.maxAbsError = 0;
    EXPECT_TRUE(std::isinf(at("sqnr_db", row))) << "identical outputs";
    EXPECT_FALSE(storedValue(*figureNamed("sqnr_db"), row.result, row.comparison));
    row.result.macsUnknownLayers = 2;
    EXPECT_TRUE(std::isnan(at("macs", row))) << "a part of the sum";
    EXPECT_TRUE(storedValue(*figureNamed("macs"), row.result, row.comparison));
    row.result.latency.p50 = 0;
    EXPECT_TRUE(std::isnan(at("latency_p50", row))) << "not measured";
    row.result.latency.disturbed = 0;
    EXPECT_EQ(at("latency_disturbed", row), 0);
    row.state = RunState::Failed;
    EXPECT_TRUE(std::isnan(at("accuracy", row)));
    row.state = RunState::Complete;
    row.comparison.reset();
    EXPECT_TRUE(std::isnan(at("speedup", row)));
}

TEST(Figures, DoubtsAreOfTheFiguresTheyTellOf) {
    RunRow row = lathe::test::rowWithEveryFigure();
    row.result.latency.whyNotReliable = "loud";
    row.result.whyThroughputNotReliable = "hot";
    row.comparison->speedup.verdict = measure::Verdict::NotReliable;
    row.comparison->speedup.reason = "both";
    EXPECT_EQ(doubtOf(*figureNamed("latency_p99"), row), "loud");
    EXPECT_EQ(doubtOf(*figureNamed("throughput"), row), "hot");
    EXPECT_EQ(doubtOf(*figureNamed("speedup_low"), row), "both");
    EXPECT_EQ(doubtOf(*figureNamed("accuracy"), row), "");
    EXPECT_EQ(doubtOf(*figureNamed("latency_calls"), row), "") << "that it was disturbed does not change how many there were";
}

TEST(Figures, AWholeNumberTakesNoOther) {
    measure::ModelResult result;
    std::optional<measure::Comparison> none;
    EXPECT_FALSE(setValue(*figureNamed("parameters"), nan, result, none));
    EXPECT_FALSE(setValue(*figureNamed("latency_threads"), 1e12, result, none));
    EXPECT_TRUE(setValue(*figureNamed("parameters"), 1e12, result, none));
    EXPECT_EQ(result.parameters, 1'000'000'000'000);
    EXPECT_TRUE(setValue(*figureNamed("latency_p50"), nan, result, none)) << "what was measured and is no number";
    EXPECT_TRUE(setValue(*figureNamed("speedup"), 2, result, none)) << "without a comparison there is no place for it";
}

TEST(Figures, TheMainOnesAreShownByGroup) {
    const auto& shown = mainFigures();
    EXPECT_TRUE(std::ranges::is_sorted(shown, {}, &Figure::group));
    EXPECT_EQ(shown.front()->name, "accuracy");
    const auto place = [&](std::string_view name) { return std::ranges::find(shown, name, &Figure::name) - shown.begin(); };
    EXPECT_LT(place("r2"), place("latency_p50"));
    EXPECT_EQ(place("top5"), 1);
}

} // namespace
} // namespace lathe::history
