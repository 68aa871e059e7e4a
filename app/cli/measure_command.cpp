#include <charconv>
#include <iostream>
#include <memory>

#include <app/cli/command.h>
#include <app/cli/output.h>
#include <core/engine/measure_models.h>
#include <core/report/run_json.h>

namespace lathe::cli {

namespace {

struct Options {
    std::vector<std::string> models;
    std::string weights, data, input, device = "cpu";
    std::vector<std::int64_t> batches{1};
    int threads = 0;
    std::int64_t seed = 0;
    bool isJson = false;
};

/// "1x32x32" as a shape.
base::Result<tensor::Shape> parseShape(const std::string& text) {
    tensor::Shape shape;
    const char* at = text.data();
    const char* end = at + text.size();
    while (at != end) {
        std::int64_t size = 0;
        const auto [next, error] = std::from_chars(at, end, size);
        if (error != std::errc{} || size < 1 || (next != end && (*next != 'x' || next + 1 == end))) {
            return base::failure(base::ErrorCode::InvalidArgument, "\"" + text + "\" is not a shape: write it like 3x224x224.");
        }
        shape.push_back(size);
        at = next == end ? end : next + 1;
    }
    return shape;
}

base::Result<> measureFiles(const Options& options, const base::Job& job) {
    engine::MeasureRequest request;
    const auto device = runtime::parseDevice(options.device);
    if (!device) return forward(device);
    const auto shape = parseShape(options.input);
    if (!shape) return forward(shape);
    request.files.assign(options.models.begin(), options.models.end());
    request.weights = options.weights;
    request.data = options.data;
    request.inputShape = *shape;
    request.batches = options.batches;
    request.device = *device;
    request.threads = options.threads;
    request.seed = static_cast<std::uint64_t>(options.seed);
    const auto measurement = engine::measureModels(request, job);
    if (!measurement) return forward(measurement);
    clearProgress();
    if (options.isJson) {
        printJson(engine::toJson(*measurement));
        return {};
    }
    std::vector<std::vector<std::string>> rows{
        {"model", "batch", "at a time", "threads", "p50 ms", "p95 ms", "p99 ms", "calls", "disturbed", "noise"}};
    for (const auto& model : measurement->models) {
        for (const auto& [latency, samplesPerPass] : model.batches) {
            rows.push_back({model.file.string(), std::to_string(latency.batch), std::to_string(samplesPerPass),
                            std::to_string(latency.threads), fixed(latency.p50, 4), fixed(latency.p95, 4), fixed(latency.p99, 4),
                            std::to_string(latency.calls), std::to_string(latency.disturbed),
                            latency.noise + (measure::isReliable(latency) ? "" : ", not reliable")});
        }
    }
    printTable(rows);
    for (const auto& pair : measurement->comparisons) {
        std::cout << measurement->models[pair.b].file.string() << " at batch " << pair.batch << ": "
                  << speedupText(pair.speedup, measurement->models[pair.a].file.string()) << "\n";
    }
    return {};
}

} // namespace

void addMeasureCommand(const Command& app, Action& chosen) {
    const auto options = std::make_shared<Options>();
    const Command command = app.command("measure", "Interleaved latency of several model files");
    command.option("models", options->models, "Model files; the first one is what the others are compared with").required();
    command.option("--weights", options->weights,
                   "Weights to put into them: safetensors, a state dict of torch.save, their index, or a folder of them");
    const Option data = command.option("--data", options->data, "Data set to feed");
    command.option("--input", options->input, "Or the shape of one sample, for random input: 3x224x224").excludes(data);
    command.option("--batch", options->batches, "Batch sizes").delimiter(',').range(1, 1 << 20);
    command.option("--device", options->device, "cpu, cuda or cuda:N").withDefault();
    command
        .option("--threads", options->threads,
                "Threads of the kernels; 0: one for each core. A model that is faster with one is timed with one")
        .range(0, 4096);
    command.option("--seed", options->seed, "Seed of the order and the random input").withDefault();
    command.flag("--json", options->isJson, "Print the document lathe.measure/1");
    command.whenChosen([options, &chosen] { chosen = [options](const base::Job& job) { return measureFiles(*options, job); }; });
}

} // namespace lathe::cli
