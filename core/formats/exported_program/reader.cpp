#include <core/formats/exported_program/reader.h>

#include <algorithm>

#include <core/formats/archive/model_archive.h>
#include <core/formats/canonical_operators.h>
#include <core/formats/evaluation_mode.h>
#include <core/formats/exported_program/convert.h>
#include <core/formats/exported_program/decomposed_operators.h>
#include <core/formats/kept_state.h>
#include <core/formats/lookup_recognition.h>
#include <core/formats/node_names.h>
#include <core/formats/signature_names.h>
#include <core/formats/torch_error_torch.h>
#include <core/graph/state.h>

namespace lathe::formats {

namespace {

using base::ErrorCode;
using base::failure;

constexpr std::string_view modelsFolder = "models/", modelEnding = ".json";
/// Graphs in graphs take eight levels each.
constexpr int maxJsonDepth = 128;

/// "model" of "models/model.json".
base::Result<std::string> modelName(const ModelArchive& archive) {
    std::vector<std::string> models;
    for (const std::string& name : archive.names()) {
        if (name.ends_with(".so") || name.starts_with("data/aotinductor/"))
            return failure(ErrorCode::Rejected,
                           "The archive holds machine code (\"" + name +
                               "\") that AOTInductor has compiled, which is not run; save the program with torch.export.save.");
        if (name.starts_with(modelsFolder) && name.ends_with(modelEnding))
            models.push_back(name.substr(modelsFolder.size(), name.size() - modelsFolder.size() - modelEnding.size()));
    }
    if (models.empty())
        return failure(ErrorCode::Rejected,
                       "The archive is of an old version of PyTorch that pickled the weights, which is not safe to load; "
                       "export the model again.");
    if (models.size() > 1)
        return failure(ErrorCode::Rejected,
                       "The archive holds several models (\"" + models[0] + "\", \"" + models[1] + "\"); save each in a file of its own.");
    return models.front();
}

} // namespace

bool isExportedProgram(const FileContent& content) {
    return content.hasEntryIn(modelsFolder, modelEnding) || content.hasFolder("data/aotinductor/") ||
           content.hasEnding("serialized_exported_program.json");
}

base::Result<ModelContent> readProgram(std::string_view text, const ExportedWeights& weights) {
    const auto json = base::parseJson(text, maxJsonDepth);
    if (!json) return failure(ErrorCode::Rejected, "The program cannot be read: " + json.error().message.text() + ".");
    auto converted = convertExportedProgram(*json, weights);
    if (!converted) return base::forward(converted);
    graph::Graph& graph = converted->graph;
    if (const auto switched = switchToEvaluation(graph); !switched.empty()) converted->notes.push_back(evaluationNote(switched));
    const StateChanges changes = makePureAroundState(graph, true);
    std::erase_if(graph.main.nodes,
                  [](const graph::Node& node) { return node.op == graph::keepState && node.operands[0] == node.operands[1]; });
    for (const graph::ValueId weight : changes.kept)
        return failure(ErrorCode::Rejected, "The model writes into a part of its own buffer \"" + graph.value(weight).name +
                                                "\" while it runs, which cannot be done.");
    for (const graph::ValueId weight : changes.dropped)
        converted->problems.push_back(changedBuffer(graph.value(weight).name));
    recomposeOperators(graph);
    std::vector<int> calls;
    graph::forEachNode(std::as_const(graph), [&](const graph::Node& node) { calls.push_back(converted->calls[node.name]); });
    nameNodes(graph, calls);
    canonicalizeOperators(graph);
    recognizeLookups(graph);
    nameInputs(graph, converted->inputNames);
    nameOutputs(graph, converted->outputNames);
    if (auto verified = graph::verify(graph); !verified) return base::forward(verified);
    if (!graph::statesOf(graph).empty()) converted->notes.push_back(stateNote(graph));
    return ModelContent{
        .graph = std::move(graph), .problems = std::move(converted->problems), .notes = std::move(converted->notes), .externalSha256 = {}};
}

base::Result<ModelContent> readExportedProgram(const std::filesystem::path& file, std::span<const std::string>) {
    const base::Message what("file.isNoExportedProgram", {{"file", file.filename().string()}});
    auto model = guarded(ErrorCode::Rejected, what, [&]() -> base::Result<ModelContent> {
        const auto archive = ModelArchive::open(file);
        if (!archive) return base::forward(archive);
        const auto name = modelName(*archive);
        if (!name) return base::forward(name);
        const auto text = archive->readText(std::string(modelsFolder) + *name + std::string(modelEnding));
        if (!text) return base::forward(text);
        const auto weights = readExportedWeights(*archive, *name);
        if (!weights) return base::forward(weights);
        return readProgram(*text, *weights);
    });
    if (!model) return base::forward(model, {"while.opening", {{"file", file.filename().string()}}});
    model->graph.name = file.stem().string();
    return model;
}

} // namespace lathe::formats
