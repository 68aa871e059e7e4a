#include <core/history/run_filter.h>

#include <cmath>

#include <gtest/gtest.h>

#include "support.h"

namespace lathe::history {
namespace {

using Kind = FilterProblem::Kind;
using Relation = RunTerm::Relation;

struct RunFilterTest : testing::Test {
    RunRow run = optimizedRow();
    Standing standing;

    RunFilterTest() {
        run.state = RunState::Complete;
        run.tags = {"Paper", "lenet"};
        run.result.quality.accuracy = 0.9141;
        run.result.quality.sqnrDb = 31.5;
        run.result.latency.p50 = 1.5;
        run.result.fileBytes = 999'999;
        run.result.parameters = 61'706;
        run.comparison.emplace();
        run.comparison->agreement = 0.995;
        standing.speedup = 2.0;
        standing.accuracyChange = -0.01;
    }
    [[nodiscard]] bool isFit(std::string_view filter) const {
        const ParsedFilter parsed = parseRunFilter(filter);
        EXPECT_FALSE(parsed.problem) << text(*parsed.problem);
        EXPECT_EQ(parsed.filter.terms.size(), 1u) << filter;
        return !parsed.filter.terms.empty() && fits(parsed.filter.terms.front(), run, &standing);
    }
};

TEST_F(RunFilterTest, TermsAskForFiguresInTheirUnits) {
    for (const char* filter :
         {"accuracy>91", "accuracy>=91.41", "ACCURACY<91.5%", "agreement>99", "sqnr>30",        "sqnr<=31.5dB", "p50<2ms",
          "p50<=1500us", "p50<1501µs",      "p50<1501μs",     "p50<0.0016s",  "speedup>=2",     "speedup<2.5x", "speedup<2.5×",
          "size<1MB",    "size<=999.999kB", "size>999998B",   "size<0.001gb", "parameters>61k", "parameters<1M"})
        EXPECT_TRUE(isFit(filter)) << filter;
    for (const char* filter : {"accuracy>91.41", "accuracy<91", "agreement>99.5", "sqnr>31.5", "p50<1.5ms", "p50>2s", "speedup>2",
                               "size<999.999kB", "size>1MB", "parameters<61k"})
        EXPECT_FALSE(isFit(filter)) << filter;
}

TEST_F(RunFilterTest, BlanksAndTheSignsOfOtherKeyboardsDoNotMatter) {
    for (const char* filter : {"accuracy > 91", "accuracy >91", "accuracy> 91", "accuracy＞91", "accuracy≥91", "accuracy > = 91",
                               "p50 < 2 ms", "p50<2 ms", "accuracy > 91 %"})
        EXPECT_TRUE(isFit(filter)) << filter;
}

TEST_F(RunFilterTest, WordsTagsAndTermsStandTogether) {
    const ParsedFilter parsed = parseRunFilter("int8 tag:pap accuracy>91 digits:pad=2 p50<2 ms size>1kB s");
    EXPECT_FALSE(parsed.problem);
    EXPECT_EQ(parsed.filter.words, (std::vector<std::string>{"int8", "digits:pad=2", "s"}));
    EXPECT_EQ(parsed.filter.tags, std::vector<std::string>{"pap"});
    ASSERT_EQ(parsed.filter.terms.size(), 3u);
    EXPECT_EQ(parsed.filter.terms[0].figure->name, "accuracy");
    EXPECT_EQ(parsed.filter.terms[0].relation, Relation::Greater);
    EXPECT_DOUBLE_EQ(parsed.filter.terms[0].value, 0.91);
    EXPECT_EQ(parsed.filter.terms[2], (RunTerm{figureNamed("file_size"), Relation::Greater, 1000}));
    EXPECT_EQ(parseRunFilter("TAG:a<b tag:").filter.tags, std::vector<std::string>{"a<b"});
    EXPECT_TRUE(parseRunFilter("").filter.words.empty());
}

TEST_F(RunFilterTest, WhatIsNotKnownOrNotReliableDoesNotFit) {
    run.result.quality.accuracy.reset();
    EXPECT_FALSE(isFit("accuracy<100"));
    run.comparison.reset();
    EXPECT_FALSE(isFit("agreement<101"));
    run.result.latency.whyNotReliable = "Disturbed.";
    EXPECT_FALSE(isFit("p50<1s"));
    standing.isSpeedReliable = false;
    EXPECT_FALSE(isFit("speedup>0"));
    run.state = RunState::Failed;
    EXPECT_FALSE(isFit("size>0B"));
    EXPECT_FALSE(fits({figureNamed("speedup"), Relation::Greater, 0}, run, nullptr));
}

TEST_F(RunFilterTest, IdenticalOutputsAreBetterThanAnyNumber) {
    run.result.quality.sqnrDb.reset();
    run.result.quality.maxAbsError = 0;
    EXPECT_TRUE(isFit("sqnr>200"));
}

TEST_F(RunFilterTest, AMalformedTermIsSaidAndTheRestStillFilters) {
    const auto problem = [](std::string_view filter) {
        const ParsedFilter parsed = parseRunFilter(filter);
        EXPECT_TRUE(parsed.filter.terms.empty()) << filter;
        return parsed.problem.value_or(FilterProblem{});
    };
    EXPECT_EQ(problem("accuracy>abc"), (FilterProblem{Kind::NoNumber, "accuracy>abc", "abc", ""}));
    EXPECT_EQ(text(problem("accuracy>abc")), "In \"accuracy>abc\", \"abc\" is no number.");
    EXPECT_EQ(text(problem("accuracy>")), "In \"accuracy>\" a number is missing.");
    EXPECT_EQ(text(problem("p50<2")), "\"p50<2\" needs a unit: us, ms, s.");
    EXPECT_EQ(text(problem("size<1mm")), "In \"size<1mm\", \"mm\" is none of the units that there are: B, kB, MB, GB.");
    EXPECT_EQ(text(problem("acuracy>9")),
              "Runs have no figure \"acuracy\" to filter by; they have accuracy, agreement, sqnr, p50, speedup, "
              "size, parameters.");
    EXPECT_EQ(problem(">9").kind, Kind::UnknownFigure);
    for (const char* number : {"inf", "nan", "1e999", "-", "0x10", "9.1.2", "91,5"})
        EXPECT_TRUE(parseRunFilter("accuracy>" + std::string(number)).problem) << number;
    const ParsedFilter mixed = parseRunFilter("lenet accuracy>abc sqnr>30");
    EXPECT_EQ(mixed.filter.words, std::vector<std::string>{"lenet"});
    EXPECT_EQ(mixed.filter.terms.size(), 1u);
    EXPECT_TRUE(mixed.problem);
}

TEST_F(RunFilterTest, FiguresHaveNamesOfOtherLanguagesToo) {
    const std::vector<FigureName> names{{"准确率", figureNamed("accuracy")}};
    const ParsedFilter parsed = parseRunFilter("准确率＞91", names);
    EXPECT_FALSE(parsed.problem);
    ASSERT_EQ(parsed.filter.terms.size(), 1u);
    EXPECT_EQ(parsed.filter.terms[0].figure->name, "accuracy");
    EXPECT_TRUE(parseRunFilter("准确率>91").problem);
}

TEST_F(RunFilterTest, EveryFigureOfTheTableCanBeAskedFor) {
    run.result = document().optimized;
    run.result.latency.whyNotReliable.clear();
    for (const Figure& figure : figures()) {
        const std::string unit = figure.format == FigureFormat::Milliseconds ? "ms" : figure.format == FigureFormat::Bytes ? "B" : "";
        const ParsedFilter parsed = parseRunFilter(std::string(figure.name) + ">-1" + unit);
        EXPECT_FALSE(parsed.problem) << text(*parsed.problem);
        ASSERT_EQ(parsed.filter.terms.size(), 1u) << figure.name;
        EXPECT_EQ(parsed.filter.terms[0].figure, &figure);
    }
    EXPECT_TRUE(isFit("latency_p99>0us"));
    EXPECT_TRUE(isFit("p99>0us"));
    EXPECT_TRUE(isFit("memory>0B"));
}

TEST_F(RunFilterTest, TagsFitByTheirBeginning) {
    EXPECT_TRUE(hasTag(run, "pap"));
    EXPECT_TRUE(hasTag(run, "LENET"));
    EXPECT_FALSE(hasTag(run, "aper"));
    EXPECT_FALSE(hasTag({}, "a"));
}

} // namespace
} // namespace lathe::history
