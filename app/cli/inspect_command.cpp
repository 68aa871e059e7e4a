#include <iostream>
#include <memory>

#include <app/cli/command.h>
#include <app/cli/output.h>
#include <core/engine/inspection.h>
#include <core/engine/open_model.h>

namespace lathe::cli {

namespace {

struct Options {
    std::string model, data;
    bool isJson = false;
};

base::Result<> inspect(const Options& options, const base::Job& job) {
    const auto read = engine::openModel({.file = options.model, .data = options.data}, job);
    if (!read) return forward(read);
    if (read->shapesProblem) return tl::unexpected(*read->shapesProblem);
    const client::InspectReport report = engine::inspectReport(read->model);
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
    return {};
}

} // namespace

void addInspectCommand(CLI::App& app, Action& chosen) {
    const auto options = std::make_shared<Options>();
    CLI::App* command = app.add_subcommand("inspect", "What is in a model, and what Lathe can do with it");
    command->add_option("model", options->model, "Model file")->required();
    command->add_option("--data", options->data, "Data set that the model is for: tells shapes and MACs");
    command->add_flag("--json", options->isJson, "Print the document lathe.inspect/1");
    command->callback([options, &chosen] { chosen = [options](const base::Job& job) { return inspect(*options, job); }; });
}

} // namespace lathe::cli
