#include <algorithm>
#include <iostream>
#include <memory>

#include <app/cli/asked_model.h>
#include <app/cli/command.h>
#include <app/cli/output.h>
#include <core/base/model_formats.h>
#include <core/base/sandbox.h>
#include <core/engine/export_judges.h>
#include <core/engine/export_model.h>
#include <core/engine/open_model.h>
#include <core/history/history.h>

namespace lathe::cli {

namespace {

struct Options {
    std::string model, weights, recipe, data, device = "cpu", output, python, history;
    std::string to{base::modelFormats().front().id};
    std::int64_t seed = 0;
    bool isUnverified = false, isHistoryOff = false, isJson = false;
};

base::Result<> exportTo(const Options& options, const base::Job& job) {
    engine::ModelExportRequest request;
    const auto device = runtime::parseDevice(options.device);
    if (!device) return forward(device);
    auto asked = openAsked(options.model, options.weights, options.recipe, options.data, job);
    if (!asked) return forward(asked);
    request.recipe = std::move(asked->recipe);
    request.file = options.output;
    request.modelFile = options.model;
    request.data = options.data;
    request.to = options.to;
    request.device = *device;
    request.seed = options.seed;
    request.verification = options.isUnverified ? engine::Verification::Skip : engine::Verification::Run;
    request.python = options.python;
    if (!options.isHistoryOff)
        request.history = options.history.empty() ? history::History::defaultFile() : std::filesystem::path(options.history);
    const auto reply = engine::exportModel(request, asked->read.model, job);
    if (!reply) return forward(reply);
    clearProgress();
    if (options.isJson) {
        printJson(client::toJson(*reply));
    } else {
        std::cout << reply->file << ": " << byteText(reply->bytes);
        if (const auto ratio = reply->sizeRatio())
            std::cout << ", " << fixed(*ratio, 1) << "x smaller than the original (" << byteText(*reply->originalBytes) << ")";
        std::cout << "\n";
        for (const base::Message& note : reply->notes)
            std::cout << note << "\n";
        for (const history::ExportCheck& check : reply->checks)
            std::cout << checkText(check) << "\n";
        if (reply->checks.empty()) std::cout << "not checked" << (options.data.empty() ? ": that needs --data" : "") << "\n";
    }
    const bool isDifferent = std::ranges::any_of(
        reply->checks, [](const history::ExportCheck& check) { return check.verdict == history::ExportVerdict::Different; });
    if (isDifferent) return base::failure(base::ErrorCode::Failed, "The exported file does not give the same results.");
    return {};
}

std::vector<std::string> formatIds() {
    std::vector<std::string> ids;
    for (const base::ModelFormat& format : base::modelFormats())
        ids.emplace_back(format.id);
    return ids;
}

} // namespace

void addExportCommand(const Command& app, Action& chosen) {
    const auto options = std::make_shared<Options>();
    const Command command = app.command("export", "Apply a recipe and write the result, checked in a new process");
    command.option("model", options->model, "Model file").required();
    command.option("--weights", options->weights,
                   "Weights to put into it: safetensors, a state dict of torch.save, their index, or a folder of them");
    command.option("--recipe", options->recipe, "Recipe (JSON); none: the model as it is");
    command.option("--data", options->data, "Data set for calibration, fine-tuning and the check");
    command.option("--device", options->device, "cpu, cuda or cuda:N").withDefault();
    command.option("--to", options->to, "Format").oneOf(formatIds()).withDefault();
    command.option("-o,--output", options->output, "File to write").required();
    command.option("--seed", options->seed, "Seed of everything random").withDefault();
    command.flag("--no-verify", options->isUnverified, "Do not check the file");
    command.option("--python", options->python, "Python that checks the file as well, with its torch or onnxruntime")
        .environment("LATHE_PYTHON");
    const Option history = command.option("--history", options->history, "History file; default: the one of the window");
    command.flag("--no-history", options->isHistoryOff, "Do not record the export").excludes(history);
    command.flag("--json", options->isJson, "Print the document lathe.export/1");
    command.whenChosen([options, &chosen] { chosen = [options](const base::Job& job) { return exportTo(*options, job); }; });
}

void addCheckExportCommand(const Command& app, Action& chosen) {
    const auto files = std::make_shared<std::vector<std::string>>();
    const Command command = app.hiddenCommand("check-export"); // what export starts in a new process; not for people
    command.option("files", *files).required().takes(3);
    command.whenChosen([files, &chosen] {
        // At once, as for read-model: the sandbox has to be entered while there is one thread.
        const std::filesystem::path file = (*files)[0], inputs = (*files)[1], outputs = (*files)[2];
        const base::SandboxRules rules{.readable = {file, inputs}, .writable = {outputs.parent_path()}};
        base::Result<> result;
        if (const auto isolation = base::enterSandbox(rules)) {
            result = engine::writeOutputsOfExport(file, inputs, outputs);
        } else {
            result = forward(isolation);
        }
        chosen = [result](const base::Job&) { return result; };
    });
}

} // namespace lathe::cli
