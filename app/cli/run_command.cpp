#include <iostream>
#include <memory>

#include <app/cli/asked_model.h>
#include <app/cli/command.h>
#include <app/cli/output.h>
#include <core/engine/comparison.h>
#include <core/history/history.h>
#include <core/report/run_json.h>

namespace lathe::cli {

namespace {

struct Options {
    std::string model, weights, recipe, data, device = "cpu", history, name, output;
    int threads = 0;
    std::int64_t seed = 0;
    bool isHistoryOff = false, isJson = false;
    std::vector<std::string> tags;
};

base::Result<> run(const Options& options, const base::Job& job) {
    engine::ComparisonRequest request;
    const auto device = runtime::parseDevice(options.device);
    if (!device) return forward(device);
    request.device = *device;
    // Said before the model is read: nothing else matters when it is not there.
    if (const auto there = runtime::requireDevice(*device); !there) return there;
    auto asked = openAsked(options.model, options.weights, options.recipe, options.data, job);
    if (!asked) return forward(asked);
    request.recipe = std::move(asked->recipe);
    request.modelFile = options.model;
    request.data = options.data;
    request.threads = options.threads;
    request.seed = options.seed;
    request.name = options.name;
    request.tags = options.tags;
    if (!options.isHistoryOff)
        request.history = options.history.empty() ? history::History::defaultFile() : std::filesystem::path(options.history);
    if (!options.output.empty()) request.outputFile = options.output;

    const auto document = engine::runComparison(request, asked->read.model, job);
    if (!document) return forward(document);
    clearProgress();
    if (options.isJson) {
        printJson(report::toJson(*document));
    } else {
        printRun(*document);
    }
    return {};
}

} // namespace

void addRunCommand(const Command& app, Action& chosen) {
    const auto options = std::make_shared<Options>();
    const Command command = app.command("run", "Apply a recipe and compare the result with the original");
    command.option("model", options->model, "Model file").required();
    command.option("--weights", options->weights,
                   "Weights to put into it: safetensors, a state dict of torch.save, their index, or a folder of them");
    command.option("--recipe", options->recipe, "Recipe (JSON); none: the model is compared with itself");
    command.option("--data", options->data, "Data set: a built-in name, a folder or a file").required();
    command.option("--device", options->device, "cpu, cuda or cuda:N").withDefault();
    command
        .option("--threads", options->threads,
                "Threads of the kernels; 0: one for each core. For latency a model that is faster with one gets one")
        .range(0, 4096);
    command.option("--seed", options->seed, "Seed of everything random").withDefault();
    const Option history = command.option("--history", options->history, "History file; default: the one of the window");
    command.flag("--no-history", options->isHistoryOff, "Do not store the run").excludes(history);
    command.option("--name", options->name, "Name of the run");
    command.option("--tag", options->tags, "Tag of the run; may be given several times");
    command.option("--output", options->output, "Write the optimized model's outputs to this .npz file");
    command.flag("--json", options->isJson, "Print the document lathe.run/1");
    command.whenChosen([options, &chosen] { chosen = [options](const base::Job& job) { return run(*options, job); }; });
}

} // namespace lathe::cli
