#include <tests/core/report/sample_run.h>

#include <algorithm>
#include <cmath>

#include <core/history/step_curve.h>

namespace lathe::report::test {

namespace {

measure::Quality quality(double accuracy) {
    measure::Quality quality;
    quality.samples = 10'000;
    quality.loss = 1.2 - accuracy;
    quality.accuracy = accuracy;
    quality.top5 = 0.9971;
    quality.precision = accuracy - 0.001;
    quality.recall = accuracy;
    quality.f1 = accuracy - 0.0005;
    quality.nonFinite = 1;
    for (int label = 0; label < 10; ++label) {
        std::vector<std::int64_t> row(10, 7);
        row[static_cast<std::size_t>(label)] = 937 - 12 * label;
        row[static_cast<std::size_t>((label + 6) % 10)] = 7 + 12 * label;
        quality.confusion.push_back(row);
        quality.classPrecision.push_back(0.9 - 0.01 * label);
        quality.classRecall.push_back(0.91 - 0.01 * label);
        quality.classF1.push_back(0.905 - 0.01 * label);
    }
    quality.predictions = {9, 2, 1, 1, 6};
    return quality;
}

measure::Latency latency(double median) {
    measure::Latency latency;
    latency.p50 = median;
    latency.p90 = median * 1.1;
    latency.p95 = median * 1.2;
    latency.p99 = median * 1.6;
    latency.p999 = median * 3;
    latency.mean = median * 1.05;
    latency.stddev = median * 0.2;
    latency.calls = 2000;
    latency.threads = 2;
    latency.warmupCalls = 64;
    latency.noise = "medium";
    latency.disturbed = 12;
    for (int i = 0; i < 2000; ++i) {
        latency.samplesMs.push_back(median * (1 + 0.08 * std::sin(i * 0.7) + 0.04 * std::cos(i * 2.9) + (i % 97 == 0 ? 1.5 : 0)));
    }
    return latency;
}

measure::ModelResult result(double accuracy, double medianMs, bool isQuantized) {
    measure::ModelResult result;
    result.quality = quality(accuracy);
    result.latency = latency(medianMs);
    result.throughputPerS = 31'000 / medianMs * 0.1;
    result.throughputBatch = 256;
    result.loadMs = 6.25;
    result.fileBytes = isQuantized ? 31'402 : 251'118;
    result.parameters = isQuantized ? 23'016 : 61'706;
    result.macs = isQuantized ? 134'000 : 416'520;
    result.peakMemoryBytes = std::int64_t{412} << 20;
    for (const char* name : {"conv1", "conv2", "fc1", "fc2", "fc3"}) {
        measure::LayerResult layer;
        layer.name = name;
        layer.op = name[0] == 'c' ? "lathe::conv2d_relu" : "lathe::linear_relu";
        layer.kernel = isQuantized ? "fbgemm int8" : "aten";
        layer.p50Us = medianMs * 1000 * (name[0] == 'c' ? 0.3 : 0.1);
        if (isQuantized) {
            layer.loss = 0.0123;
            layer.sqnrDb = 41.5;
            layer.bits = 8;
        }
        layer.sparsity = 0.125;
        layer.parameters = 4804;
        layer.macs = 48'120;
        layer.reason = "fastest of 2";
        result.layers.push_back(layer);
    }
    return result;
}

} // namespace

measure::RunDocument sampleRun() {
    measure::RunDocument run;
    run.modelFile = "/home/ada/models/lenet5.pt";
    run.modelSha256 = std::string(64, '1');
    run.modelFormat = "torchscript";
    run.dataName = "fashion-mnist";
    run.dataSha256 = std::string(64, '2');
    run.dataSamples = 10'000;
    run.environment = {{"cpu", "AMD EPYC 7R13"}, {"device", "cpu"},   {"threads", "2"},
                       {"torch", "2.11.0"},      {"kernel", "6.1.0"}, {"governor", "not available"}};
    run.seed = 42;
    run.recipeJson =
        R"({"lathe": 1, "steps": [{"op": "fuse.conv_relu"}, {"op": "prune.structured", "ratio": 0.4}, {"op": "finetune"}, {"op": "quantize.static"}]})";
    measure::StepResult finetune;
    finetune.op = "finetune";
    finetune.seconds = 81.25;
    finetune.peakMemoryBytes = std::int64_t{655} << 20;
    finetune.figures = {{"epochs", 10}, {"final_loss", 0.266}};
    history::setCurve(finetune, {{0.62, 0.44, 0.38, 0.345, 0.32, 0.305, 0.291, 0.282, 0.273, 0.266},
                                 {0.05, 0.05, 0.04, 0.04, 0.03, 0.03, 0.02, 0.02, 0.01, 0.005},
                                 {0.6, 0.45, 0.4, 0.36, 0.34, 0.33, 0.32, 0.315, 0.31, 0.308},
                                 {0.78, 0.84, 0.855, 0.87, 0.875, 0.88, 0.885, 0.887, 0.889, 0.89}});
    finetune.notes = {"momentum 0.9"};
    measure::StepResult quantize;
    quantize.op = "quantize.static";
    quantize.seconds = 0.75;
    quantize.figures = {{"loss_total", 0.0615}};
    quantize.notes = {"fc3 kept in float", "1000 samples"};
    run.steps = {finetune, quantize};
    run.baseline = result(0.9114, 0.1201, false);
    run.optimized = result(0.9017, 0.0519, true);
    run.optimized.quality.sqnrDb = 28.25;
    run.optimized.quality.cosine = 0.998765;
    run.optimized.quality.maxAbsError = 1.75;
    run.comparison.accuracyDrop = 0.0097;
    run.comparison.agreement = 0.9512;
    run.comparison.sizeRatio = 7.997;
    run.comparison.speedup = {2.314, 2.271, 2.352, measure::Verdict::Faster, "", "Lathe's FP32 plan"};
    run.comparison.flips = {{17, 3, 3, 5}, {204, 6, 0, 6}, {511, 2, 4, 6}, {900, -1, 1, 2}};
    run.comparison.simulatedAgreement = 0.9991;
    run.comparison.simulatedAccuracy = 0.9018;
    run.historyFile = "/home/ada/.local/share/lathe/history.sqlite";
    run.historyIds = {"6d0f3c1e-0000-4000-8000-000000000001", "6d0f3c1e-0000-4000-8000-000000000002"};
    return run;
}

} // namespace lathe::report::test
