#include <iostream>
#include <memory>

#include <app/cli/command.h>
#include <app/cli/output.h>
#include <core/engine/comparison.h>
#include <core/engine/inspection.h>
#include <core/formats/model_file.h>

namespace lathe::cli {

namespace {

struct Options {
    std::string model, data;
    bool isJson = false;
};

base::Result<> inspect(const Options& options) {
    auto model = formats::openModel(options.model);
    if (!model) return forward(model);
    if (!options.data.empty()) {
        const auto dataset = data::openDataset(options.data);
        if (!dataset) return forward(dataset);
        if (auto shapes = engine::annotate(model->graph, **dataset); !shapes) return shapes;
    }
    const client::InspectReport report = engine::inspectReport(*model);
    if (options.isJson) {
        printJson(client::toJson(report));
        return {};
    }
    std::cout << report.format << ", " << countText(report.parameters) << " parameters, " << report.nodes << " nodes";
    if (report.macs > 0) std::cout << ", " << countText(report.macs) << " MACs";
    std::cout << "\n";
    for (const std::string& input : report.inputs)
        std::cout << "input  " << input << "\n";
    for (const std::string& output : report.outputs)
        std::cout << "output " << output << "\n";
    std::vector<std::vector<std::string>> rows{{"operator", "count", "runs"}};
    for (const auto& entry : report.operators)
        rows.push_back({entry.op, std::to_string(entry.count), entry.isSupported ? "yes" : "no"});
    printTable(rows);
    for (const auto& problem : report.problems)
        std::cout << problem.op << " in " << problem.scope << " (" << problem.source << "): " << problem.reason << "\n";
    for (const std::string& note : report.notes)
        std::cout << note << "\n";
    return {};
}

} // namespace

void addInspectCommand(CLI::App& app, Action& chosen) {
    const auto options = std::make_shared<Options>();
    CLI::App* command = app.add_subcommand("inspect", "What is in a model, and what Lathe can do with it");
    command->add_option("model", options->model, "Model file")->required();
    command->add_option("--data", options->data, "Data set that the model is for: tells shapes and MACs");
    command->add_flag("--json", options->isJson, "Print the document lathe.inspect/1");
    command->callback([options, &chosen] { chosen = [options](const base::Job&) { return inspect(*options); }; });
}

} // namespace lathe::cli
