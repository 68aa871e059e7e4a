#include <iostream>
#include <memory>

#include <app/cli/command.h>
#include <app/cli/output.h>
#include <core/engine/inspection.h>
#include <core/engine/open_model.h>

namespace lathe::cli {

namespace {

struct Options {
    std::string model, weights, data;
    bool isJson = false;
};

base::Json toJson(const std::vector<formats::WeightDifference>& differences) {
    base::Json json = base::Json::array();
    for (const auto& difference : differences)
        json.push_back(
            {{"kind", formats::name(difference.kind)}, {"name", difference.name}, {"model", difference.model}, {"file", difference.file}});
    return json;
}

void printDifferences(const std::vector<formats::WeightDifference>& differences) {
    if (differences.empty()) std::cout << "all weights fit\n";
    std::vector<std::vector<std::string>> rows{{"weight", "difference", "model", "file"}};
    for (const auto& difference : differences)
        rows.push_back({difference.name, formats::name(difference.kind), difference.model, difference.file});
    if (!differences.empty()) printTable(rows);
}

base::Result<> inspect(const Options& options, const base::Job& job) {
    const auto read = engine::openModel({.file = options.model, .weights = options.weights, .data = options.data}, job);
    if (!read) return forward(read);
    if (read->shapesProblem) return tl::unexpected(*read->shapesProblem);
    const client::InspectReport report = engine::inspectReport(read->model);
    if (options.isJson) {
        base::Json json = client::toJson(report);
        if (!options.weights.empty()) {
            json["weight_differences"] = toJson(read->weightDifferences);
            json["weight_notes"] = read->weightNotes;
        }
        printJson(json);
        return {};
    }
    std::cout << report.format << ", " << report::shortCount(report.parameters) << " parameters, " << report.nodes << " nodes";
    if (report.macsUnknownLayers == 0)
        std::cout << ", " << report::macsText(report.macs);
    else if (report.macs == 0)
        std::cout << ", MACs unknown (give --data for shapes)";
    else
        std::cout << ", " << report::macsText(report.macs, report.macsUnknownLayers);
    std::cout << "\n";
    for (const std::string& input : report.inputs)
        std::cout << "input  " << input << "\n";
    for (const std::string& output : report.outputs)
        std::cout << "output " << output << "\n";
    for (const std::string& state : report.state)
        std::cout << "state  " << state << "\n";
    std::vector<std::vector<std::string>> rows{{"operator", "count", "runs"}};
    for (const auto& entry : report.operators)
        rows.push_back({entry.op, std::to_string(entry.count), entry.isSupported ? "yes" : "no"});
    printTable(rows);
    for (const auto& problem : report.problems)
        std::cout << problem.op << " in " << problem.scope << " (" << problem.source << "): " << problem.reason << "\n";
    for (const base::Message& note : report.notes)
        std::cout << note << "\n";
    for (const std::string& note : read->weightNotes)
        std::cout << note << "\n";
    if (!options.weights.empty()) printDifferences(read->weightDifferences);
    return {};
}

} // namespace

void addInspectCommand(const Command& app, Action& chosen) {
    const auto options = std::make_shared<Options>();
    const Command command = app.command("inspect", "What is in a model, and what Lathe can do with it");
    command.option("model", options->model, "Model file").required();
    command.option(
        "--weights", options->weights,
        "Weights to put into it (safetensors, a state dict of torch.save, their index, or a folder of them): tells what does not fit");
    command.option("--data", options->data, "Data set that the model is for: tells shapes and MACs");
    command.flag("--json", options->isJson, "Print the document lathe.inspect/1");
    command.whenChosen([options, &chosen] { chosen = [options](const base::Job& job) { return inspect(*options, job); }; });
}

} // namespace lathe::cli
