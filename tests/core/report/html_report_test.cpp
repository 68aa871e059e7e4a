#include <core/report/html_report.h>

#include <gtest/gtest.h>

#include <core/history/run_document.h>
#include <core/report/figure_text.h>
#include <core/report/run_section.h>
#include <tests/core/report/sample_run.h>
#include <tests/support/every_figure.h>

namespace lathe::report {

namespace {

using history::RunRow;

std::vector<RunRow> sampleRows() { return history::rowsOf(test::sampleRun(), "2026-01-02T03:04:05Z"); }

bool holds(const std::string& html, std::string_view text) { return html.find(text) != std::string::npos; }

/// Are all elements closed, in order? Void elements excepted.
::testing::AssertionResult isBalanced(const std::string& html) {
    std::vector<std::string> open;
    for (std::size_t at = html.find('<'); at != std::string::npos; at = html.find('<', at + 1)) {
        const std::size_t end = html.find('>', at);
        if (end == std::string::npos) return ::testing::AssertionFailure() << "a tag is not closed";
        std::string tag = html.substr(at + 1, end - at - 1);
        if (tag.starts_with("!") || tag.ends_with("/") || tag.starts_with("meta")) continue;
        const bool isEnd = tag.starts_with("/");
        const std::string name = tag.substr(isEnd ? 1 : 0, tag.find_first_of(" \n", isEnd ? 1 : 0) - (isEnd ? 1 : 0));
        if (!isEnd) {
            open.push_back(name);
        } else if (open.empty() || open.back() != name) {
            return ::testing::AssertionFailure() << "</" << name << "> inside <" << (open.empty() ? "" : open.back()) << ">";
        } else {
            open.pop_back();
        }
    }
    return open.empty() ? ::testing::AssertionSuccess() : ::testing::AssertionFailure() << "<" << open.back() << "> is not closed";
}

TEST(HtmlReport, SaysTheVerdictInWords) {
    const std::string html = htmlReport(sampleRows());
    EXPECT_TRUE(holds(
        html,
        "is 2.31× as fast as Lathe&#39;s FP32 plan (95 % interval 2.27–2.35), 8.00× smaller as a file and 0.97 points less accurate than "
        "its original; 95.12 % of "
        "the predictions are the same; the outputs have an SQNR of 28.2 dB and differ by at most 1.75 (mean cosine similarity 0.998765)."));
    EXPECT_TRUE(holds(html, "agree with the simulation on 99.91 %"));
    EXPECT_TRUE(holds(html, "<span class=\"badge real\">real</span>"));
}

TEST(HtmlReport, HoldsEveryPart) {
    const std::string html = htmlReport(sampleRows());
    EXPECT_TRUE(isBalanced(html));
    for (const char* part : {"Accuracy against latency",
                             "Distribution of latency",
                             "Time by layer",
                             "Training loss",
                             "Validation loss",
                             "Validation accuracy",
                             "Learning rate",
                             "Recipe as JSON",
                             "Layers",
                             "Flipped samples",
                             "Confusion matrix",
                             "Precision, recall and F1 by class",
                             "Model, data and environment",
                             "AMD EPYC 7R13",
                             "91.14 %",
                             "90.17 %",
                             "31.4 kB",
                             "417 kMAC",
                             "fbgemm int8",
                             "fc3 kept in float",
                             "still wrong",
                             "won",
                             "lost"}) {
        EXPECT_TRUE(holds(html, part)) << part;
    }
}

TEST(HtmlReport, OtherVerdicts) {
    std::vector<RunRow> runs = sampleRows();
    runs[1].comparison->speedup = {0.8, 0.7, 0.9, measure::Verdict::Slower};
    runs[1].comparison->accuracyDrop = -0.01;
    runs[1].result.kind = measure::Truth::Simulated;
    const std::string slower = htmlReport(runs);
    EXPECT_TRUE(holds(slower, "slower, at 0.80× the speed"));
    EXPECT_TRUE(holds(slower, "1.00 points more accurate"));
    EXPECT_TRUE(holds(slower, "<span class=\"badge simulated\">simulated</span>"));
    runs[1].comparison->speedup = {1.01, 0.98, 1.03, measure::Verdict::NoSignificantDifference};
    runs[1].comparison->accuracyDrop.reset();
    const std::string same = htmlReport(runs);
    EXPECT_TRUE(holds(same, "not significantly different in speed"));
    EXPECT_TRUE(holds(same, "The data has no labels"));
}

TEST(HtmlReport, WithoutLabelsTheOutputsTellTheQuality) {
    std::vector<RunRow> runs = sampleRows();
    for (RunRow& run : runs)
        run.result.quality.accuracy.reset();
    runs[1].comparison->accuracyDrop.reset();
    runs[1].comparison->agreement.reset();
    const std::string html = htmlReport(runs);
    EXPECT_TRUE(holds(html, "as fast as Lathe&#39;s FP32 plan (95 % interval 2.27–2.35) and 8.00× smaller as a file than its original; the "
                            "outputs have an SQNR of 28.2 dB"));
    EXPECT_TRUE(holds(html, "The data has no labels, so there is no accuracy."));
    EXPECT_FALSE(holds(html, "predictions are the same"));
    EXPECT_TRUE(holds(html, "SQNR of the outputs</div><div class=\"value\">28.2 dB"));
    EXPECT_TRUE(holds(html, "SQNR against latency"));
    runs[1].result.quality.sqnrDb.reset();
    runs[1].result.quality.maxAbsError = 0;
    EXPECT_TRUE(holds(htmlReport(runs), "all outputs are identical"));
}

TEST(HtmlReport, RunsOfDifferentScopesAreNotPutIntoOneChart) {
    std::vector<RunRow> runs = sampleRows();
    EXPECT_FALSE(holds(htmlReport(runs), "are not compared"));
    for (RunRow& run : sampleRows()) {
        run.modelFile = "/models/resnet18.pt";
        run.modelSha256 = std::string(64, '9');
        run.dataName = "imagenet.npz";
        run.dataSha256 = std::string(64, '8');
        runs.push_back(run);
    }
    const std::string html = htmlReport(runs);
    EXPECT_TRUE(isBalanced(html));
    EXPECT_TRUE(holds(html, "A, B and C, D are not compared: different model: lenet5.pt and resnet18.pt; different data: fashion-mnist "
                            "and imagenet.npz."));
    std::size_t charts = 0;
    const std::string caption = "<figcaption>Accuracy against latency";
    for (std::size_t at = html.find(caption); at != std::string::npos; at = html.find(caption, at + 1))
        ++charts;
    EXPECT_EQ(charts, 2U);
}

TEST(HtmlReport, NoRatioWhereTheSpeedIsNotReliable) {
    const std::string reason = "29,748 of 29,815 calls were disturbed by other programs (1.9 cores busy).";
    std::vector<RunRow> runs = sampleRows();
    for (RunRow& run : runs) {
        run.result.latency.whyNotReliable = reason;
        run.result.whyThroughputNotReliable = reason;
    }
    runs[1].comparison->speedup = {32.12, 26.45, 148.37, measure::Verdict::NotReliable, reason, "Lathe's FP32 plan"};
    const std::string html = htmlReport(runs);
    EXPECT_TRUE(isBalanced(html));
    EXPECT_TRUE(holds(html, "is not reliably measured in speed (29,748 of 29,815 calls were disturbed by other programs (1.9 cores busy)), "
                            "8.00× smaller"));
    for (const char* ratio : {"32.12", "26.45", "148.37"})
        EXPECT_FALSE(holds(html, ratio)) << ratio;
    for (const char* part :
         {"<td class=\"number\">not reliable</td>", "0.05190 (not reliable)", "class=\"mark hollow doubtful\"", "class=\"line doubtful\"",
          "Latency is not reliable, since", "was 120 µs (not reliable)", "doubtful-bar", "Time (not reliable)"})
        EXPECT_TRUE(holds(html, part)) << part;
    for (const char* part : {"doubtful\"", "doubtful-bar\"", "key-doubtful\"", "(not reliable)"})
        EXPECT_FALSE(holds(htmlReport(sampleRows()), part)) << "quiet runs: " << part;
}

TEST(HtmlReport, ExportsStandWithWhatEachJudgeFoundOut) {
    std::vector<RunRow> runs = sampleRows();
    EXPECT_FALSE(holds(htmlReport(runs), "Exports"));
    using history::ExportVerdict;
    history::ExportedFile verified, unverified;
    verified.file = "/out/int8.onnx";
    verified.format = "onnx";
    verified.bytes = 66'000;
    verified.originalBytes = 248'000;
    verified.checks = {{"lathe", "0.1.0", ExportVerdict::Same, 0.0, 0.0, 1.0, 3.25, ""},
                       {"onnxruntime", "1.20.0", ExportVerdict::Different, 0.5, 0.0625, 0.875, 12.5, ""},
                       {"torch", "", ExportVerdict::NotJudged, {}, {}, {}, {}, "It has no module \"torch\"."}};
    unverified.file = "/out/int8.pt";
    runs[1].exports = {verified, unverified};
    const std::string html = htmlReport(runs);
    EXPECT_TRUE(isBalanced(html));
    for (const char* part :
         {"Exports", "/out/int8.onnx · onnx · 66.0 kB, the original 248 kB", "lathe 0.1.0", "the same", "onnxruntime 1.20.0", "different",
          "6.25 %", "87.50 %", "12.5", "not judged", "It has no module &quot;torch&quot;.", "It was not verified."}) {
        EXPECT_TRUE(holds(html, part)) << part;
    }
}

TEST(HtmlReport, NothingComesFromOutsideAndNothingRuns) {
    const std::string html = htmlReport(sampleRows());
    EXPECT_TRUE(holds(html, "Content-Security-Policy"));
    for (const char* outside : {"http://", "https://", "<script", "<link", "<img", "<iframe", "url("})
        EXPECT_FALSE(holds(html, outside)) << outside;
}

TEST(HtmlReport, HostileTextsStayText) {
    const std::string bad = "</td><script>alert(1)</script>\"'&\x01\xFF";
    std::vector<RunRow> runs = sampleRows();
    for (RunRow& run : runs) {
        run.id = run.name = run.note = run.modelFile = run.modelSha256 = run.modelFormat = run.dataName = run.dataSha256 = run.device =
            run.recipeJson = run.recipeSummary = run.error = run.createdAt = bad;
        run.tags = {bad};
        run.environment = {{bad, bad}};
        history::ExportedFile exported;
        exported.file = exported.format = exported.sha256 = exported.createdAt = bad;
        exported.checks = {{bad, bad, history::ExportVerdict::NotJudged, {}, {}, {}, {}, bad}};
        run.exports = {exported};
        run.result.latency.noise = bad;
        for (measure::LayerResult& layer : run.result.layers)
            layer.name = layer.op = layer.kernel = layer.reason = bad;
        for (measure::StepResult& step : run.steps) {
            step.op = bad;
            step.notes = {bad};
            step.figures = {{bad, 1}};
        }
    }
    const std::string html = htmlReport(runs);
    EXPECT_FALSE(holds(html, "<script"));
    EXPECT_FALSE(holds(html, "\x01"));
    EXPECT_FALSE(holds(html, "\xFF"));
    EXPECT_TRUE(isBalanced(html));
}

TEST(HtmlReport, NoRunsAndUnfinishedRuns) {
    EXPECT_TRUE(isBalanced(htmlReport({})));
    std::vector<RunRow> runs(1);
    runs[0].name = "half";
    runs[0].state = history::RunState::Failed;
    runs[0].error = "The disk is full.";
    const std::string html = htmlReport(runs);
    EXPECT_TRUE(isBalanced(html));
    EXPECT_TRUE(holds(html, "The disk is full."));
    EXPECT_TRUE(holds(html, "<span class=\"badge bad\">failed</span>"));
    EXPECT_FALSE(holds(html, "Median latency, ms")) << "no figures of a run that has none";
}

TEST(HtmlReport, OptimizedRunWithoutItsBaseline) {
    const std::vector<RunRow> runs = {sampleRows()[1]};
    const std::string html = htmlReport(runs);
    EXPECT_TRUE(holds(html, "as fast"));
    EXPECT_FALSE(holds(html, "class=\"card\""));
}

TEST(HtmlReport, ManyRunsHaveALetterEach) {
    std::vector<RunRow> runs;
    for (int i = 0; i < 28; ++i)
        runs.push_back(sampleRows()[0]);
    const std::string html = htmlReport(runs);
    EXPECT_TRUE(isBalanced(html));
    EXPECT_TRUE(holds(html, "<h2>Z · lenet5.pt"));
    EXPECT_TRUE(holds(html, "<h2>A1 · lenet5.pt"));
}

TEST(HtmlReport, SameRunsSameBytes) { EXPECT_EQ(htmlReport(sampleRows()), htmlReport(sampleRows())); }

TEST(HtmlReport, RowsOfADocument) {
    const std::vector<RunRow> rows = sampleRows();
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].role, history::RunRole::Baseline);
    EXPECT_EQ(rows[1].parentId, rows[0].id);
    EXPECT_EQ(rows[1].device, "cpu");
    EXPECT_TRUE(rows[1].recipeSummary.starts_with("fuse"));
    EXPECT_EQ(rows[0].result.fileBytes, 251'118);
    EXPECT_EQ(rows[1].steps.size(), 2U);
}

TEST(RunSection, NamesOfStates) {
    EXPECT_STREQ(name(history::RunState::Running), "running");
    EXPECT_STREQ(name(history::RunState::Complete), "complete");
    EXPECT_STREQ(name(history::RunState::Cancelled), "cancelled");
    EXPECT_STREQ(name(history::RunState::Interrupted), "interrupted");
}

TEST(RunSection, ManyFlipsAndClassesAreCutShort) {
    RunRow run = sampleRows()[1];
    run.comparison->flips.assign(1000, measure::Flip{5, 1, 1, 2});
    run.result.quality.confusion.assign(200, std::vector<std::int64_t>(200, 1));
    const std::string html = runSection(run, "A");
    EXPECT_TRUE(holds(html, "1000 recorded test samples"));
    EXPECT_TRUE(holds(html, "The first 200 of them"));
    EXPECT_FALSE(holds(html, "Confusion matrix"));
}

TEST(HtmlReport, EveryFigureHasALine) {
    const RunRow run = lathe::test::rowWithEveryFigure();
    const std::string html = htmlReport(std::span(&run, 1));
    for (const history::Figure& figure : history::figures()) {
        const history::Figure& shown = figure.partOf.empty() ? figure : *history::figureNamed(figure.partOf);
        EXPECT_TRUE(holds(html, "<th scope=\"row\">" + titleOf(shown) + "</th><td class=\"number\">" + figureText(shown, run) + "</td>"))
            << figure.name << ": " << titleOf(shown) << ": " << figureText(shown, run);
    }
    EXPECT_TRUE(holds(html, "Median latency, ms"));
    EXPECT_TRUE(holds(figureText(*history::figureNamed("speedup"), run), "–")) << "with its interval";
}

} // namespace

} // namespace lathe::report
