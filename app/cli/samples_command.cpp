#include <algorithm>
#include <array>
#include <filesystem>
#include <iostream>
#include <memory>

#include <app/cli/command.h>
#include <app/cli/output.h>
#include <core/base/files.h>
#include <core/data/dataset.h>
#include <core/data/resource_folder.h>
#include <core/formats/model_file.h>
#include <core/graph/layers.h>
#include <core/measure/evaluate_torch.h>
#include <core/train/sample_models.h>

namespace lathe::cli {

namespace {

namespace fs = std::filesystem;

struct Sample {
    const char* name;
    const char* data;
    const char* description;
};
constexpr std::array samples{Sample{"lenet5", "fashion-mnist", "LeNet-5 on Fashion-MNIST"}};

struct Options {
    std::string name, folder = ".", output, data = "fashion-mnist";
    train::SampleTraining training;
    bool usesBfloat16 = false;
};

base::Result<> list() {
    std::vector<std::vector<std::string>> rows{{"name", "data", "description"}};
    for (const Sample& sample : samples)
        rows.push_back({sample.name, sample.data, sample.description});
    printTable(rows);
    return {};
}

/// Copies model and recipes of a sample into a folder.
base::Result<> copy(const Options& options) {
    const fs::path source = data::resourceFolder() / "samples" / options.name;
    std::vector<std::string> names;
    for (const Sample& sample : samples)
        names.emplace_back(sample.name);
    if (std::ranges::find(names, options.name) == names.end()) {
        const std::string nearest = graph::nearestName(options.name, names);
        const std::string hint = nearest.empty() ? "" : " Did you mean \"" + nearest + "\"?";
        return base::failure(base::ErrorCode::NotFound, "There is no sample \"" + options.name + "\"." + hint);
    }
    std::error_code error;
    fs::create_directories(options.folder, error);
    if (error)
        return base::failure(base::ErrorCode::NoSpace, "The folder \"" + options.folder + "\" cannot be made: " + error.message() + ".");
    for (const fs::directory_entry& entry : fs::directory_iterator(source, error)) {
        const auto content = base::readFile(entry.path());
        if (!content) return forward(content);
        const fs::path target = fs::path(options.folder) / entry.path().filename();
        if (const auto written = base::writeFile(target, *content); !written) return written;
        std::cout << target.string() << "\n";
    }
    if (error) return base::failure(base::ErrorCode::NotFound, "The sample's folder \"" + source.string() + "\" cannot be read.");
    return {};
}

base::Result<> trainSample(const Options& options, const base::Job& job) {
    const auto dataset = data::openDataset(options.data);
    if (!dataset) return forward(dataset);
    train::SampleTraining training = options.training;
    if (options.usesBfloat16) training.precision = steps::Precision::BFloat16;
    training.checkpoint = options.output + ".checkpoint";
    auto trained = train::trainSampleModel(options.name, **dataset, training, job);
    if (!trained) return forward(trained);
    const auto bytes = formats::writeTorchScript(trained->graph, options.output);
    if (!bytes) return forward(bytes);
    auto plan = runtime::Plan::compile(trained->graph, {});
    if (!plan) return forward(plan);
    const auto quality = measure::evaluate(*plan, {}, **dataset, 256, job);
    if (!quality) return forward(quality);
    clearProgress();
    std::cout << options.output << ": " << byteText(*bytes) << ", test accuracy " << fixed(quality->accuracy.value_or(0) * 100, 2)
              << " % after " << trained->report.curve.losses.size() << " epochs in " << fixed(trained->report.seconds, 1) << " s\n";
    return {};
}

} // namespace

void addSamplesCommand(const Command& app, Action& chosen) {
    const auto options = std::make_shared<Options>();
    const Command command = app.command("samples", "The models that Lathe ships");
    command.needsCommand();
    command.command("list", "Their names").whenChosen([&chosen] { chosen = [](const base::Job&) { return list(); }; });
    const Command copyCommand = command.command("copy", "Copy one, with its recipes, into a folder");
    copyCommand.option("name", options->name, "Sample").required();
    copyCommand.option("-o,--output", options->folder, "Folder").withDefault();
    copyCommand.whenChosen([options, &chosen] { chosen = [options](const base::Job&) { return copy(*options); }; });
    const Command trainCommand = command.command("train", "Train one of them, or ResNet-20, from random weights");
    trainCommand.option("name", options->name, "Sample, or resnet20").required();
    trainCommand.option("-o,--output", options->output, "TorchScript file to write").required();
    trainCommand.option("--data", options->data, "Data set").withDefault();
    trainCommand.option("--epochs", options->training.epochs, "Epochs").withDefault().range(1, 10000);
    trainCommand.option("--seed", options->training.seed, "Seed").withDefault();
    trainCommand.flag("--bfloat16", options->usesBfloat16, "Compute in bfloat16: faster where the CPU has AMX");
    trainCommand.whenChosen([options, &chosen] { chosen = [options](const base::Job& job) { return trainSample(*options, job); }; });
}

} // namespace lathe::cli
