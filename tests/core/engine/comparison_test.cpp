#include <core/engine/comparison.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <set>

#include <gtest/gtest.h>

#include <core/base/files.h>
#include <core/data/npz.h>
#include <core/history/history.h>
#include <core/history/run_document.h>
#include <core/report/html_report.h>
#include <core/report/run_json.h>
#include <tests/core/engine/sample_model.h>
#include <tests/support/busy_cores.h>

namespace lathe::engine {
namespace {

using measure::Truth;

ComparisonRequest request(const std::filesystem::path& folder) {
    ComparisonRequest wanted;
    wanted.modelFile = support::sampleFile();
    wanted.recipe = support::shortRecipe();
    wanted.data = support::smallData;
    wanted.history = folder / "history.sqlite";
    return wanted;
}

/// The whole case once: everything that the document promises is there, and the history tells the same.
TEST(RunComparison, MeasuresBothModelsAndStoresThem) {
    const base::TemporaryFolder folder;
    ComparisonRequest wanted = request(folder.path());
    wanted.name = "the case";
    wanted.tags = {"test"};
    wanted.outputFile = folder.path() / "out.npz";
    const auto document = runComparison(wanted, support::sampleModel(), {});
    ASSERT_TRUE(document) << document.error().text();

    const measure::ModelResult& baseline = document->baseline;
    const measure::ModelResult& optimized = document->optimized;
    EXPECT_EQ(document->steps.size(), 5U);
    EXPECT_EQ(baseline.kind, Truth::Real);
    EXPECT_EQ(optimized.kind, Truth::Real);
    EXPECT_GT(*baseline.quality.accuracy, 0.88);
    EXPECT_GT(*optimized.quality.accuracy, 0.5);
    EXPECT_GT(optimized.quality.sqnrDb.value(), 0);
    EXPECT_GT(optimized.quality.cosine.value(), 0.8);
    EXPECT_GT(optimized.quality.maxAbsError.value(), 0);
    EXPECT_FALSE(baseline.quality.sqnrDb || baseline.quality.cosine || baseline.quality.maxAbsError);
    EXPECT_EQ(document->environment.at("task"), "classification");
    EXPECT_GT(document->comparison.sizeRatio, 7);
    EXPECT_GT(*document->comparison.simulatedAgreement, 0.995);
    EXPECT_EQ(optimized.parameters, 15738);
    EXPECT_EQ(baseline.macs, 416520);
    EXPECT_GT(baseline.latency.calls, 0); // how many there are depends on what else the machine does
    EXPECT_EQ(baseline.latency.samplesMs.size(), static_cast<std::size_t>(baseline.latency.calls));
    EXPECT_GT(optimized.throughputPerS, 0);
    EXPECT_GT(optimized.peakMemoryBytes, 0);
    bool hasInt8Convolution = false;
    for (const measure::LayerResult& layer : optimized.layers)
        hasInt8Convolution |= layer.name == "conv1" && layer.kernel.find("int8") != std::string::npos;
    EXPECT_TRUE(hasInt8Convolution);
    for (const measure::ModelResult* result : {&baseline, &optimized}) {
        // The parts and the rest are the call; no node is missing, and none has its time twice.
        double parts = 0;
        std::multiset<std::string> nodes;
        for (const measure::LayerResult& layer : result->layers) {
            parts += *layer.p50Us;
            nodes.insert(layer.name);
            nodes.insert(layer.covers.begin(), layer.covers.end());
        }
        EXPECT_NEAR(parts + *measure::restUs(*result), result->latency.p50 * 1000, 1e-6);
        for (const std::string node : {"conv1", "relu", "max_pool2d", "conv2", "flatten", "fc1", "fc2", "fc3"})
            EXPECT_EQ(nodes.count(node), result == &optimized && node == "relu" ? 0U : 1U) << node; // the recipe fuses it away
    }
    EXPECT_EQ(std::ranges::count_if(optimized.layers, [](const auto& layer) { return layer.parameters > 0; }), 5);
    for (const measure::LayerResult& layer : optimized.layers) {
        if (layer.parameters == 0) continue;
        EXPECT_NEAR(*layer.loss, layer.lossParts.pruned.value_or(0) + layer.lossParts.weights.value_or(0), 1e-12) << layer.name;
        EXPECT_GT(*layer.lossParts.pruned, 0) << layer.name;
        ASSERT_TRUE(layer.activationsSqnrDb) << layer.name;
        EXPECT_GT(*layer.activationsSqnrDb, 15) << layer.name;
        EXPECT_TRUE(layer.name == "conv1" || *layer.activationsSqnrDb < 80) << layer.name; // pictures are bytes: nothing is rounded there
    }
    // Every flip is one disagreement.
    const auto disagreements = std::lround((1 - document->comparison.agreement.value()) * 1000);
    EXPECT_EQ(static_cast<long>(document->comparison.flips.size()), disagreements);

    const auto outputs = data::readNpz(*wanted.outputFile);
    ASSERT_TRUE(outputs);
    EXPECT_EQ(outputs->at("output").shape(), (tensor::Shape{1000, 10}));

    const auto history = history::History::open(*wanted.history);
    ASSERT_TRUE(history);
    const auto row = history->run(document->historyIds[1]);
    ASSERT_TRUE(row) << row.error().text();
    EXPECT_EQ(row->state, history::RunState::Complete);
    EXPECT_EQ(row->name, "the case");
    EXPECT_EQ(row->tags, std::vector<std::string>{"test"});
    EXPECT_EQ(row->result.quality.predictions, optimized.quality.predictions);
    EXPECT_EQ(row->parentId, document->historyIds[0]);

    const auto again = report::runDocumentFromJson(report::toJson(*document));
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_EQ(again->optimized.fileBytes, optimized.fileBytes);
}

/// The case of the first report: with other programs at work the ratio was four times too large, and green.
TEST(RunComparison, BesideBusyProgramsThereIsNoVerdict) {
    const base::TemporaryFolder folder;
    ComparisonRequest wanted = request(folder.path());
    wanted.recipe = support::recipeOf(R"({"lathe": 1, "steps": [{"op": "quantize.static"}]})");
    const test::BusyCores busy;
    const auto document = runComparison(wanted, support::sampleModel(), {});
    ASSERT_TRUE(document) << document.error().text();
    const measure::Speedup& speedup = document->comparison.speedup;
    EXPECT_EQ(speedup.verdict, measure::Verdict::NotReliable) << speedup.ratio;
    EXPECT_NE(speedup.reason.find(" calls were disturbed by "), std::string::npos) << speedup.reason;
    EXPECT_EQ(speedup.baseline, "Lathe's FP32 plan");
    EXPECT_FALSE(document->optimized.whyThroughputNotReliable.empty());
    EXPECT_EQ(document->baseline.latency.threads, 1) << "with more threads the small model waits for them";
    EXPECT_EQ(document->environment.at("spin_bound"), "10000");
    EXPECT_EQ(report::toJson(*document)["comparison"]["speedup"]["verdict"], "not reliable");
    const std::string html = report::htmlReport(history::rowsOf(*document));
    EXPECT_NE(html.find("is not reliably measured in speed"), std::string::npos);
    EXPECT_EQ(html.find("× as fast"), std::string::npos);
    const auto history = history::History::open(*wanted.history);
    EXPECT_EQ(history->run(document->historyIds[1])->comparison->speedup.verdict, measure::Verdict::NotReliable);
}

TEST(RunComparison, CancelledItIsStoredAsCancelled) {
    const base::TemporaryFolder folder;
    std::stop_source stop;
    const base::Job job{stop.get_token(), [&](const base::Progress& progress) {
                            if (progress.phase == "finetune") stop.request_stop();
                        }};
    const auto document = runComparison(request(folder.path()), support::sampleModel(), job);
    ASSERT_FALSE(document);
    EXPECT_EQ(document.error().code, base::ErrorCode::Cancelled);
    const auto runs = history::History::open(folder.path() / "history.sqlite")->list();
    ASSERT_TRUE(runs);
    ASSERT_EQ(runs->size(), 2U);
    for (const history::RunRow& run : *runs)
        EXPECT_EQ(run.state, history::RunState::Cancelled);
}

struct BadRequest {
    const char* name;
    std::function<void(ComparisonRequest&, const std::filesystem::path&)> damage;
    base::ErrorCode code;
    std::string part; ///< of the message
};

class Refusal : public testing::TestWithParam<BadRequest> {};

TEST_P(Refusal, IsOneSentenceBeforeAnyWorkAndNothingIsLeft) {
    const base::TemporaryFolder folder;
    ComparisonRequest wanted = request(folder.path());
    GetParam().damage(wanted, folder.path());
    int steps = 0;
    base::Job job;
    job.progress = [&](const base::Progress&) { ++steps; };
    const auto document = runComparison(wanted, support::sampleModel(), job);
    ASSERT_FALSE(document);
    EXPECT_EQ(document.error().code, GetParam().code) << document.error().text();
    EXPECT_NE(document.error().message.text().find(GetParam().part), std::string::npos) << document.error().message;
    EXPECT_EQ(document.error().message.text().find('\n'), std::string::npos);
    EXPECT_EQ(steps, 0);
}

tensor::Tensor filled(const tensor::Shape& shape, float value) {
    return tensor::Tensor::of<float>(shape, std::vector<float>(static_cast<std::size_t>(tensor::elementCount(shape)), value));
}

INSTANTIATE_TEST_SUITE_P(
    Requests, Refusal,
    testing::Values(BadRequest{"noSuchData", [](auto& r, const auto&) { r.data = "fashion-minst"; }, base::ErrorCode::NotFound,
                               "fashion-mnist"},
                    BadRequest{"noSuchLayer",
                               [](auto& r, const auto&) {
                                   r.recipe = support::recipeOf(
                                       R"({"lathe": 1, "steps": [{"op": "prune.structured", "layers": {"conv9": {"ratio": 0.1}}}]})");
                               },
                               base::ErrorCode::Rejected, "conv9"},
                    BadRequest{"recipeOfAnotherModel", [](auto& r, const auto&) { r.recipe.modelSha256 = std::string(64, 'a'); },
                               base::ErrorCode::Rejected, "bound to another model (SHA-256 aaaaaaaaaaaa…, not "},
                    BadRequest{"inputDoesNotFit",
                               [](auto& r, const auto& folder) {
                                   ASSERT_TRUE(data::writeNpz(folder / "x.npz", {{"x", filled({2, 3, 10, 10}, 0)},
                                                                                 {"y", tensor::Tensor::of<std::int64_t>({2}, {0, 1})}}));
                                   r.data = (folder / "x.npz").string();
                               },
                               base::ErrorCode::Rejected, "3x10x10"},
                    BadRequest{"noGpu",
                               [](auto& r, const auto&) {
                                   r.device = {runtime::Device::Kind::Cuda, 99};
                               },
                               base::ErrorCode::DeviceUnavailable, ""},
                    BadRequest{"historyIsText",
                               [](auto& r, const auto&) {
                                   std::ofstream(*r.history)
                                       << "This is no database, whatever its name says. It is long enough for a header.";
                               },
                               base::ErrorCode::Rejected, "history"},
                    BadRequest{"historyWithoutFolder",
                               [](auto& r, const auto& folder) {
                                   r.history = folder / "file";
                                   std::ofstream(folder / "file.d") << "x";
                                   *r.history = folder / "file.d" / "h.sqlite";
                               },
                               base::ErrorCode::NotFound, "cannot be created"}),
    [](const auto& entry) { return std::string(entry.param.name); });

TEST(RunComparison, OutputsThatAreNotNumbersAreRefused) {
    const base::TemporaryFolder folder;
    const auto file = folder.path() / "nan.npz";
    ASSERT_TRUE(data::writeNpz(file, {{"x", filled({3, 1, 32, 32}, std::numeric_limits<float>::quiet_NaN())},
                                      {"y", tensor::Tensor::of<std::int64_t>({3}, {0, 1, 2})}}));
    ComparisonRequest wanted = request(folder.path());
    wanted.recipe = {};
    wanted.data = file.string();
    const auto document = runComparison(wanted, support::sampleModel(), {});
    ASSERT_FALSE(document);
    EXPECT_EQ(document.error().code, base::ErrorCode::Rejected);
    EXPECT_EQ(document.error().message, "The original model gives outputs that are not numbers (NaN or infinity) on 3 of 3 test samples.");
    const auto runs = history::History::open(*wanted.history)->list();
    ASSERT_TRUE(runs);
    ASSERT_EQ(runs->size(), 2U);
    for (const history::RunRow& run : *runs)
        EXPECT_EQ(run.state, history::RunState::Failed);
}

TEST(RunComparison, LabelsOutOfRangeAreRefused) {
    const base::TemporaryFolder folder;
    const auto file = folder.path() / "labels.npz";
    ASSERT_TRUE(data::writeNpz(file, {{"x", filled({2, 1, 32, 32}, 0)}, {"y", tensor::Tensor::of<std::int64_t>({2}, {0, 12})}}));
    ComparisonRequest wanted = request(folder.path());
    wanted.recipe = {};
    wanted.data = file.string();
    const auto document = runComparison(wanted, support::sampleModel(), {});
    ASSERT_FALSE(document);
    EXPECT_EQ(document.error().code, base::ErrorCode::Rejected);
    EXPECT_NE(document.error().message.text().find("label 12"), std::string::npos) << document.error().message;
}

} // namespace
} // namespace lathe::engine
