#include <core/engine/measure_again.h>

#include <algorithm>
#include <cstdlib>
#include <optional>

#include <gtest/gtest.h>

#include <core/base/files.h>
#include <core/engine/comparison.h>
#include <core/history/history.h>
#include <tests/core/engine/sample_model.h>

namespace lathe::engine {
namespace {

namespace fs = std::filesystem;

/// A run of LeNet-5 with a recipe that takes no time, in a history of its own.
class MeasureAgainTest : public testing::Test {
protected:
    MeasureAgainTest() {
        fs::copy_file(support::sampleFile(), m_model);
        ComparisonRequest request;
        request.modelFile = m_model;
        request.recipe = support::recipeOf(R"({"lathe": 1, "steps": [{"op": "fuse.conv_relu"}, {"op": "quantize.static"}]})");
        request.data = support::smallData;
        request.history = m_file;
        request.threads = 1;
        request.seed = 5;
        request.name = "the run";
        m_run = runComparison(request, support::sampleModel(), {}).value();
    }
    [[nodiscard]] history::RunRow row(std::size_t side) const {
        return history::History::open(m_file)->run(m_run.historyIds[side]).value();
    }
    [[nodiscard]] base::Error refused(const std::string& id, const std::string& data = {}) const {
        const history::RunRow before = row(1);
        const auto result = measureAgain({m_file, id, data}, {});
        EXPECT_FALSE(result);
        EXPECT_EQ(row(1).result.latency.samplesMs, before.result.latency.samplesMs) << "nothing is changed";
        return result ? base::Error{} : result.error();
    }

    base::TemporaryFolder m_folder;
    const fs::path m_model = m_folder.path() / "lenet5.pt";
    const fs::path m_file = m_folder.path() / "history.sqlite";
    measure::RunDocument m_run;
};

TEST_F(MeasureAgainTest, ReplacesTheSpeedAndNothingElse) {
    std::vector<std::string> phases;
    const base::Job job{{}, [&](const base::Progress& progress) {
                            if (phases.empty() || phases.back() != progress.phase) phases.push_back(progress.phase);
                        }};
    const auto again = measureAgain({m_file, m_run.historyIds[1].substr(0, 8), {}}, job);
    ASSERT_TRUE(again) << again.error().text();
    for (const char* left : {"quality_baseline", "quality_optimized", "simulate"})
        EXPECT_EQ(std::count(phases.begin(), phases.end(), left), 0) << left;
    EXPECT_EQ(std::count(phases.begin(), phases.end(), "latency"), 1);

    EXPECT_EQ(history::History::open(m_file)->list()->size(), 2U);
    for (const std::size_t side : {0U, 1U}) {
        const history::RunRow stored = row(side);
        const measure::ModelResult& before = side == 0 ? m_run.baseline : m_run.optimized;
        const measure::ModelResult& now = side == 0 ? again->baseline : again->optimized;
        EXPECT_EQ(stored.result.latency.samplesMs, now.latency.samplesMs);
        EXPECT_NE(stored.result.latency.samplesMs, before.latency.samplesMs) << "was measured";
        EXPECT_EQ(stored.result.latency.whyNotReliable, now.latency.whyNotReliable);
        EXPECT_EQ(stored.result.latency.threads, 1) << "as many as then";
        EXPECT_EQ(stored.result.throughputPerS, now.throughputPerS);
        EXPECT_EQ(stored.result.quality.accuracy, before.quality.accuracy);
        EXPECT_EQ(stored.result.quality.predictions, before.quality.predictions);
        EXPECT_EQ(stored.result.peakMemoryBytes, before.peakMemoryBytes);
        EXPECT_EQ(stored.result.layers.size(), before.layers.size());
    }
    const history::RunRow stored = row(1);
    EXPECT_EQ(stored.name, "the run");
    EXPECT_EQ(stored.comparison->speedup.ratio, again->comparison.speedup.ratio);
    EXPECT_EQ(stored.comparison->speedup.verdict, again->comparison.speedup.verdict);
    EXPECT_EQ(stored.comparison->speedup.baseline, "Lathe's FP32 plan");
    EXPECT_EQ(stored.comparison->agreement, m_run.comparison.agreement);
    EXPECT_EQ(stored.steps.size(), 2U);
    EXPECT_EQ(again->historyIds, m_run.historyIds);
    EXPECT_EQ(again->recipeJson, m_run.recipeJson);
}

/// Sets an environment variable, and puts it back.
class Variable {
public:
    Variable(const char* name, const std::string& value) : m_name(name) {
        if (const char* before = std::getenv(name)) m_before = before;
        ::setenv(name, value.c_str(), 1);
    }
    ~Variable() {
        if (m_before)
            ::setenv(m_name, m_before->c_str(), 1);
        else
            ::unsetenv(m_name);
    }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;

private:
    const char* m_name;
    std::optional<std::string> m_before;
};

TEST(MeasureAgain, TrainsNothingAgain) {
    const base::TemporaryFolder folder;
    const Variable stages("LATHE_STAGES", "on"), cache("XDG_CACHE_HOME", folder.path().string());
    ComparisonRequest request;
    request.modelFile = support::sampleFile();
    request.recipe = support::recipeOf(R"({"lathe": 1, "steps": [{"op": "finetune", "epochs": 3}, {"op": "fuse.conv_relu"}]})");
    request.data = support::smallData;
    request.history = folder.path() / "history.sqlite";
    int epochs = 0;
    const base::Job job{{}, [&](const base::Progress& progress) { epochs += static_cast<int>(progress.values.contains("epoch")); }};
    const auto run = runComparison(request, support::sampleModel(), job);
    ASSERT_TRUE(run) << run.error().text();
    ASSERT_GT(epochs, 0);
    if (run->steps[0].seconds < 0.5) GTEST_SKIP() << "so quick a training is done again sooner than its result is read";
    epochs = 0;
    const auto again = measureAgain({*request.history, run->historyIds[1], {}}, job);
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_EQ(epochs, 0);
    EXPECT_EQ(again->steps[0].epochLosses, run->steps[0].epochLosses);
}

TEST_F(MeasureAgainTest, RefusesWhatIsNotThatRun) {
    EXPECT_EQ(refused(m_run.historyIds[0]).code, base::ErrorCode::InvalidArgument);
    EXPECT_EQ(refused("no such run").code, base::ErrorCode::NotFound);
    EXPECT_EQ(refused(m_run.historyIds[1], "/no/such/data").code, base::ErrorCode::NotFound);

    std::string bytes = base::readFile(m_model).value();
    fs::copy_file(fs::path(LATHE_SOURCE_DIR) / "tests/data/quantized/static_traced.pt", m_model, fs::copy_options::overwrite_existing);
    const base::Error changed = refused(m_run.historyIds[1]);
    EXPECT_EQ(changed.code, base::ErrorCode::Rejected) << changed.text();
    fs::remove(m_model);
    EXPECT_EQ(refused(m_run.historyIds[1]).code, base::ErrorCode::NotFound);
    ASSERT_TRUE(base::writeFile(m_model, bytes));

    std::stop_source stop;
    stop.request_stop();
    const auto cancelled = measureAgain({m_file, m_run.historyIds[1], {}}, {stop.get_token(), {}});
    ASSERT_FALSE(cancelled);
    EXPECT_EQ(cancelled.error().code, base::ErrorCode::Cancelled);
}

} // namespace
} // namespace lathe::engine
