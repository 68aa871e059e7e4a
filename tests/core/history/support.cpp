#include "support.h"

#include <cstdio>
#include <cstdlib>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lathe::history {

RunRow baselineRow() {
    RunRow row;
    row.modelFile = "/models/lenet5.pt";
    row.modelSha256 = "aa11";
    row.modelFormat = "torchscript";
    row.dataName = "fashion-mnist";
    row.dataSha256 = "bb22";
    row.device = "cpu";
    row.seed = 7;
    row.environment = {{"cpu", "test"}, {"threads", "2"}};
    return row;
}

RunRow optimizedRow() {
    RunRow row = baselineRow();
    row.role = RunRole::Optimized;
    row.recipeJson = R"({"lathe": 1, "steps": [{"op": "fuse.conv_relu"}]})";
    row.recipeSummary = "fuse → static int8";
    return row;
}

namespace {

measure::ModelResult modelResult(int seed) {
    const double x = seed;
    measure::ModelResult result;
    measure::Quality& quality = result.quality;
    quality.samples = 4;
    quality.loss = 0.25 + x;
    quality.accuracy = 0.5;
    quality.top5 = 1.0;
    quality.precision = 0.1 * x;
    quality.recall = 1.0 / 3.0;
    quality.f1 = 0.4;
    quality.confusion = {{1, seed}, {0, 2}};
    quality.classPrecision = {1.0, 0.5 * x};
    quality.classRecall = {0.25, 0.75};
    quality.classF1 = {0.125, 0.0625};
    quality.predictions = {0, 1, -1, seed};
    quality.nonFinite = 1;
    quality.sqnrDb = 30.5 + x;
    quality.cosine = 0.9995;
    quality.maxAbsError = 0.125 * x;

    measure::Latency& latency = result.latency;
    latency.p50 = 0.1 + x;
    latency.p90 = 0.2;
    latency.p95 = 0.3;
    latency.p99 = 0.4;
    latency.p999 = 0.5;
    latency.mean = 0.15;
    latency.stddev = 0.01;
    latency.calls = 3;
    latency.batch = 16;
    latency.threads = 2;
    latency.warmupCalls = 12;
    latency.noise = "medium";
    latency.disturbed = 1;
    latency.samplesMs = {0.1, 0.1 + x, 0.3};
    latency.marks = {0, 1, 0};

    result.throughputPerS = 1234.5 + x;
    result.throughputBatch = 256;
    result.loadMs = 3.5;
    result.fileBytes = 248192 + seed;
    result.parameters = 61706;
    result.macs = 416520;
    result.peakMemoryBytes = std::int64_t{3} << 30;
    measure::LayerResult layer;
    layer.name = "conv1";
    layer.op = "conv2d";
    layer.kernel = "fbgemm";
    layer.kind = measure::Truth::Simulated;
    layer.p50Us = 12.5;
    layer.loss = 0.001 * x;
    layer.sqnrDb = 41.0;
    layer.bits = 8;
    layer.sparsity = 0.5;
    layer.parameters = 156;
    layer.macs = 117600;
    layer.reason = "fastest of 2";
    layer.lossParts = {0.0004 * x, 0.0003 * x, 0.0002 * x, 0.0001 * x};
    layer.rank = 6;
    layer.outputError = 0.0625;
    layer.codebookNumbers = 16;
    layer.activationsSqnrDb = 33.5;
    layer.limitShare = 0.5;
    layer.covers = {"relu1", "a \"quoted\" name"};
    measure::LayerResult unknown;
    unknown.macs.reset();
    result.macsUnknownLayers = 1;
    result.layers = {layer, unknown};
    return result;
}

} // namespace

measure::RunDocument document(int seed) {
    measure::RunDocument all;
    all.modelFile = "/models/lenet5.pt";
    all.modelSha256 = "aa11";
    all.modelFormat = "torchscript";
    all.dataName = "fashion-mnist";
    all.dataSha256 = "bb22";
    all.dataSamples = 10000;
    all.environment = {{"cpu", "test"}, {"load_before", std::to_string(seed)}};
    all.seed = seed;
    all.recipeJson = R"({"lathe": 1, "steps": [{"op": "fuse.conv_relu"}, {"op": "finetune"}]})";
    measure::StepResult fuse;
    fuse.op = "fuse.conv_relu";
    fuse.seconds = 0.001;
    fuse.warnings = {"Nothing to fuse.", {"fuse.noConvolution", {}}};
    measure::StepResult finetune;
    finetune.op = "finetune";
    finetune.seconds = 12.5;
    finetune.peakMemoryBytes = 1 << 20;
    finetune.figures = {{"epochs", 3}, {"final_loss", 0.25 * seed}};
    finetune.epochLosses = {1.5, 0.75, 0.25 * seed};
    finetune.notes = {{"quantize.keptInFloat", {{"layer", "fc3"}}}, "second"};
    all.steps = {fuse, finetune};
    all.baseline = modelResult(seed);
    all.optimized = modelResult(seed + 100);
    all.optimized.kind = measure::Truth::Simulated;
    all.comparison.accuracyDrop = 0.0125;
    all.comparison.agreement = 0.75;
    all.comparison.sizeRatio = 7.5;
    all.comparison.speedup = {2.0 + seed, 1.75, 2.25, measure::Verdict::Faster, "", "Lathe's FP32 plan"};
    all.comparison.flips = {{7, 3, 3, 5}, {2, -1, 0, 1}};
    all.comparison.simulatedAgreement = 0.998;
    all.comparison.simulatedAccuracy = 0.9;
    return all;
}

ExportedFile exportOf(const measure::RunDocument& measured, const std::string& file) {
    ExportedFile exported;
    exported.file = file;
    exported.format = "torchscript";
    exported.sha256 = "ee";
    exported.bytes = 66'000;
    exported.originalBytes = 248'192;
    exported.modelFile = measured.modelFile;
    exported.modelSha256 = measured.modelSha256;
    exported.dataSha256 = measured.dataSha256;
    exported.recipeJson = measured.recipeJson;
    exported.recipeSummary = "fuse → fine-tune";
    exported.seed = measured.seed;
    exported.checks = {{"libtorch", "2.11.0", ExportVerdict::Same, 0.0, 0.0, 1.0, 4.5, ""},
                       {"torch", "2.11.0", ExportVerdict::Different, 0.5, 0.25, 0.75, 9.5, ""},
                       {"torch", "", ExportVerdict::NotJudged, {}, {}, {}, {}, "It has no module \"torch\"."}};
    return exported;
}

std::pair<std::string, std::string> addComparison(History& history, const measure::RunDocument& measured, RunRow optimized) {
    const auto ids = history.begin(baselineRow(), optimized);
    EXPECT_TRUE(ids) << (ids ? "" : ids.error().text());
    if (!ids) return {};
    const auto done = history.complete(measured, ids->first, ids->second);
    EXPECT_TRUE(done) << (done ? "" : done.error().text());
    return *ids;
}

History openOrDie(const std::filesystem::path& file) {
    auto history = History::open(file);
    if (!history) {
        std::fprintf(stderr, "%s\n", history.error().text().c_str());
        std::abort();
    }
    return std::move(*history);
}

pid_t startProcess(const std::function<int()>& body) {
    const pid_t process = fork();
    if (process == 0) _exit(body());
    return process;
}

int waitFor(pid_t process) {
    int status = 0;
    waitpid(process, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

} // namespace lathe::history
