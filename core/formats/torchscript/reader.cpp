#include <core/formats/torchscript/reader.h>

#include <unordered_map>

#include <torch/csrc/jit/serialization/import.h>

#include <core/formats/canonical_operators.h>
#include <core/formats/evaluation_mode.h>
#include <core/formats/fused_attention.h>
#include <core/formats/kept_state.h>
#include <core/formats/lookup_recognition.h>
#include <core/formats/node_names.h>
#include <core/formats/returned_tuple.h>
#include <core/formats/signature_names.h>
#include <core/formats/torch_error_torch.h>
#include <core/formats/torchscript/convert_torch.h>
#include <core/formats/torchscript/custom_operators.h>
#include <core/formats/torchscript/flatten_torch.h>
#include <core/formats/view_writes.h>
#include <core/graph/state.h>

namespace lathe::formats {

namespace {

std::string quoted(const std::set<std::string>& state) {
    std::string names;
    for (const std::string& name : state)
        names += (names.empty() ? "\"" : ", \"") + name + "\"";
    return names;
}

base::Message lostNote(const std::set<std::string>& state) { return {"file.losesState", {{"names", quoted(state)}}}; }

/// Parts belong to the call of what they are parts of.
void takeApart(Converted& converted) {
    std::unordered_map<std::string, int> calls;
    std::size_t index = 0;
    graph::forEachNode(std::as_const(converted.graph), [&](const graph::Node& node) { calls[node.name] = converted.calls[index++]; });
    takeAttentionApart(converted.graph, [&](const graph::Node& made, const graph::Node& origin) { calls[made.name] = calls[origin.name]; });
    if (calls.size() == converted.calls.size()) return;
    converted.calls.clear();
    graph::forEachNode(std::as_const(converted.graph), [&](const graph::Node& node) { converted.calls.push_back(calls[node.name]); });
}

/// A call of an operator that nobody knows makes TorchScript's parser give up the whole model.
torch::jit::Module load(const std::filesystem::path& file) {
    const auto attempt = [&] { return torch::jit::load(file.string(), c10::Device(c10::kCPU)); };
    try {
        return attempt();
    } catch (const std::exception& error) {
        const bool isUnknown = std::string_view(error.what()).find("Unknown builtin op") != std::string_view::npos;
        if (!isUnknown || !declareCustomOperators(file)) throw;
    }
    return attempt();
}

} // namespace

bool isTorchScript(const FileContent& content) {
    return content.hasEntry("constants.pkl") && content.hasEntry("data.pkl") && content.hasFolder("code/");
}

base::Result<ModelContent> readTorchScript(const std::filesystem::path& file, std::span<const std::string> given) {
    const base::Message what("file.isNoTorchScript", {{"file", file.filename().string()}});
    return guarded(base::ErrorCode::Rejected, what, [&]() -> base::Result<ModelContent> {
        const torch::jit::Module module = load(file);
        auto flat = flatten(module, given);
        if (!flat) return base::forward(flat, {"while.opening", {{"file", file.filename().string()}}});
        Converted converted = convert(module, flat->graph);
        returnElements(converted.graph);
        takeApart(converted);
        nameNodes(converted.graph, converted.calls);
        const auto switched = switchToEvaluation(converted.graph);
        StateChanges changes;
        if (flat->state.kept.empty())
            makeViewWritesPure(converted.graph, changes, false); // a buffer that is written keeps what it was given
        else
            changes = makePureAroundState(converted.graph, false);
        lowerQuantizedOperators(converted.graph, converted.quantized, converted.problems);
        canonicalizeOperators(converted.graph);
        recognizeLookups(converted.graph);
        nameOutputs(converted.graph, converted.outputNames);
        converted.graph.name = file.stem().string();
        if (auto verified = graph::verify(converted.graph); !verified)
            return base::forward(verified, {"while.opening", {{"file", file.filename().string()}}});
        ModelContent model{
            .graph = std::move(converted.graph), .problems = std::move(converted.problems), .notes = {}, .externalSha256 = {}};
        if (!graph::statesOf(model.graph).empty()) model.notes.push_back(stateNote(model.graph));
        if (!flat->state.lost.empty()) {
            model.keepsState = true;
            model.notes.push_back(lostNote(flat->state.lost));
        }
        if (!switched.empty()) model.notes.push_back(evaluationNote(switched));
        return model;
    });
}

} // namespace lathe::formats
