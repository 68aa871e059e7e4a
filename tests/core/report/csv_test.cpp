#include <core/report/csv.h>

#include <limits>

#include <gtest/gtest.h>

#include <core/history/run_document.h>
#include <core/report/html_report.h>
#include <tests/core/report/sample_run.h>
#include <tests/support/every_figure.h>

namespace lathe::report {

namespace {

/// A slow reader of RFC 4180, to judge the writer by.
std::vector<std::vector<std::string>> parse(const std::string& csv) {
    std::vector<std::vector<std::string>> rows(1, std::vector<std::string>(1));
    bool isQuoted = false;
    for (std::size_t i = 0; i < csv.size(); ++i) {
        std::string& cell = rows.back().back();
        if (isQuoted && csv[i] == '"' && i + 1 < csv.size() && csv[i + 1] == '"') {
            cell += csv[++i];
        } else if (csv[i] == '"') {
            isQuoted = !isQuoted;
        } else if (!isQuoted && csv[i] == ',') {
            rows.back().emplace_back();
        } else if (!isQuoted && csv[i] == '\r' && i + 1 < csv.size() && csv[i + 1] == '\n') {
            ++i;
            rows.emplace_back(1);
        } else {
            cell += csv[i];
        }
    }
    EXPECT_FALSE(isQuoted);
    EXPECT_EQ(rows.back(), std::vector<std::string>(1)) << "the last line is ended";
    rows.pop_back();
    return rows;
}

std::string at(const std::vector<std::vector<std::string>>& rows, std::size_t row, const std::string& column) {
    for (std::size_t i = 0; i < rows[0].size(); ++i) {
        if (rows[0][i] == column) return rows[row].at(i);
    }
    ADD_FAILURE() << "no column " << column;
    return {};
}

TEST(Csv, Cells) {
    EXPECT_EQ(csvCell("plain"), "plain");
    EXPECT_EQ(csvCell(""), "");
    EXPECT_EQ(csvCell("a,b"), "\"a,b\"");
    EXPECT_EQ(csvCell("say \"hi\""), "\"say \"\"hi\"\"\"");
    EXPECT_EQ(csvCell("two\nlines"), "\"two\nlines\"");
}

TEST(Csv, FormulasBecomeText) {
    EXPECT_EQ(csvCell("=HYPERLINK(\"http://x\")"), "\"'=HYPERLINK(\"\"http://x\"\")\"");
    EXPECT_EQ(csvCell("+1+2"), "'+1+2");
    EXPECT_EQ(csvCell("-cmd"), "'-cmd");
    EXPECT_EQ(csvCell("@SUM(A1)"), "'@SUM(A1)");
    EXPECT_EQ(csvCell("\t=1"), "'\t=1");
    EXPECT_EQ(csvCell("\r=1"), "\"'\r=1\"");
    EXPECT_EQ(csvCell("-1.5e3"), "-1.5e3") << "a number stays one";
    EXPECT_EQ(csvCell("+7"), "+7");
    EXPECT_EQ(csvCell("-inf"), "'-inf");
    EXPECT_EQ(csvCell("-"), "'-");
}

TEST(Csv, RunsComeBack) {
    std::vector<history::RunRow> runs = history::rowsOf(test::sampleRun(), "2026-01-02T03:04:05Z");
    runs[1].name = "=cmd, \"quoted\"\nnext";
    runs[1].tags = {"edge", "int8"};
    const auto rows = parse(runsCsv(runs));
    ASSERT_EQ(rows.size(), 3U);
    for (const auto& row : rows)
        EXPECT_EQ(row.size(), rows[0].size());
    EXPECT_EQ(at(rows, 1, "role"), "baseline");
    EXPECT_EQ(at(rows, 2, "name"), "'=cmd, \"quoted\"\nnext");
    EXPECT_EQ(at(rows, 2, "tags"), "edge int8");
    EXPECT_EQ(std::stod(at(rows, 1, "accuracy")), 0.9114);
    EXPECT_EQ(std::stod(at(rows, 2, "p50_ms")), runs[1].result.latency.p50);
    EXPECT_EQ(at(rows, 2, "file_bytes"), "31402");
    EXPECT_EQ(at(rows, 2, "verdict"), "faster");
    EXPECT_EQ(at(rows, 1, "verdict"), "");
    EXPECT_EQ(at(rows, 2, "speedup_baseline"), "Lathe's FP32 plan");
    EXPECT_EQ(at(rows, 2, "kind"), "real");
}

TEST(Csv, SaysWhatIsNotReliable) {
    std::vector<history::RunRow> runs = history::rowsOf(test::sampleRun(), "2026-01-02T03:04:05Z");
    runs[1].result.latency.whyNotReliable = runs[1].result.whyThroughputNotReliable = "It was loud, and hot.";
    runs[1].result.latency.disturbed = 7;
    runs[1].result.latency.samplesMs = {1, 2};
    runs[1].result.latency.marks = {0, 1};
    runs[1].comparison->speedup.verdict = measure::Verdict::NotReliable;
    runs[1].comparison->speedup.reason = "It was loud, and hot.";
    const auto rows = parse(runsCsv(runs));
    EXPECT_EQ(at(rows, 2, "verdict"), "not reliable");
    for (const char* column : {"verdict_reason", "latency_not_reliable", "throughput_not_reliable"})
        EXPECT_EQ(at(rows, 2, column), "It was loud, and hot.") << column;
    EXPECT_EQ(at(rows, 2, "disturbed"), "7");
    EXPECT_EQ(at(rows, 1, "latency_not_reliable"), "");
    const auto samples = parse(latencyCsv(std::span(runs).subspan(1)));
    ASSERT_EQ(samples.size(), 3U);
    EXPECT_EQ(at(samples, 1, "disturbed"), "0");
    EXPECT_EQ(at(samples, 2, "disturbed"), "1");
}

TEST(Csv, UnfinishedRunsHaveNoFigures) {
    std::vector<history::RunRow> runs(1);
    runs[0].id = "x";
    runs[0].state = history::RunState::Interrupted;
    const auto rows = parse(runsCsv(runs));
    EXPECT_EQ(at(rows, 1, "state"), "interrupted");
    EXPECT_EQ(at(rows, 1, "p50_ms"), "");
    EXPECT_EQ(at(rows, 1, "file_bytes"), "");
}

TEST(Csv, NoRunsIsAHeader) {
    EXPECT_EQ(parse(runsCsv({})).size(), 1U);
    EXPECT_EQ(latencyCsv({}), "run_id,name,sample,latency_ms,disturbed\r\n");
}

TEST(Csv, LatencySamplesInOrder) {
    std::vector<history::RunRow> runs(1);
    runs[0].id = "r";
    runs[0].name = "a";
    runs[0].result.latency.samplesMs = {0.5, std::numeric_limits<double>::quiet_NaN(), 1e-7};
    EXPECT_EQ(latencyCsv(runs), "run_id,name,sample,latency_ms,disturbed\r\nr,a,0,0.5,\r\nr,a,1,,\r\nr,a,2,1e-07,\r\n");
}

TEST(Csv, Layers) {
    const auto rows = parse(layersCsv(history::rowsOf(test::sampleRun())));
    ASSERT_EQ(rows.size(), 1U + 5 + 5);
    EXPECT_EQ(at(rows, 1, "layer"), "conv1");
    EXPECT_EQ(at(rows, 1, "loss"), "");
    EXPECT_EQ(at(rows, 6, "sqnr_db"), "41.5");
    EXPECT_EQ(at(rows, 6, "bits"), "8");
}

TEST(Csv, EveryFigureHasAColumn) {
    const history::RunRow run = lathe::test::rowWithEveryFigure();
    const auto rows = parse(runsCsv(std::span(&run, 1)));
    for (const history::Figure& figure : history::figures()) {
        if (figure.name == "macs_unknown_layers") continue;
        EXPECT_EQ(std::stod("0" + at(rows, 1, std::string(figure.csv))), lathe::test::numberFor(figure)) << figure.name;
    }
    EXPECT_EQ(at(rows, 1, "macs_unknown_layers"), "0");
}

TEST(Csv, ColumnsOfOlderVersionsKeepTheirPlaces) {
    const std::string before =
        "id,parent_id,role,state,name,tags,note,created_at,model_file,model_sha256,data,data_sha256,device,recipe,seed,kind,accuracy,top5,"
        "precision,recall,f1,loss,samples,sqnr_db,cosine,max_abs_error,p50_ms,p90_ms,p95_ms,p99_ms,p999_ms,mean_ms,stddev_ms,calls,batch,"
        "threads,noise,throughput_per_s,load_ms,file_bytes,parameters,macs,peak_memory_bytes,accuracy_drop,agreement,size_ratio,speedup,"
        "speedup_low,speedup_high,verdict,verdict_reason,speedup_baseline,disturbed,latency_not_reliable,throughput_not_reliable,";
    EXPECT_EQ(runsCsv({}).substr(0, before.size()), before);
}

} // namespace

} // namespace lathe::report
