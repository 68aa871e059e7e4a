#include <core/formats/onnx/reader.h>

#include <algorithm>

#include <core/base/files.h>
#include <core/formats/evaluation_mode.h>
#include <core/formats/kept_state.h>
#include <core/formats/lookup_recognition.h>
#include <core/formats/onnx/dynamic_grid.h>
#include <core/formats/onnx/integer_layers.h>
#include <core/formats/onnx/kept_state.h>
#include <core/formats/onnx/lowering.h>
#include <core/graph/state.h>

namespace lathe::formats {

namespace {

constexpr std::int64_t oldestOpset = 7, newestOpset = 28;
constexpr std::int64_t oldestIr = 3, newestIr = 14;
/// No message of protobuf is larger; larger models have their weights in files of their own.
constexpr std::uintmax_t maxBytes = (std::uintmax_t{1} << 31) - 1;

tl::unexpected<base::Error> rejected(const std::string& name, const base::Message& problem) {
    return base::failure(base::ErrorCode::Rejected, {"file.problem", {{"file", name}, {"problem", problem}}});
}

base::Result<> checkVersions(const onnx::ModelProto& model, const std::string& name) {
    if (model.irVersion < oldestIr || model.irVersion > newestIr)
        return rejected(name, {"onnx.otherVersion", {{"version", model.irVersion}}});
    if (!model.hasGraph) return rejected(name, {"onnx.noGraph", {}});
    const auto opset = std::ranges::find(model.opsets, std::string(), &std::pair<std::string, std::int64_t>::first);
    if (opset == model.opsets.end()) return rejected(name, {"onnx.noOperatorSet", {}});
    if (opset->second < oldestOpset || opset->second > newestOpset)
        return rejected(name, {"onnx.otherOperatorSet", {{"version", opset->second}}});
    return {};
}

/// An initializer of the name of an input is what a call has that does not give it.
void dropDefaults(onnx::GraphProto& graph, std::span<const std::string> given) {
    std::erase_if(graph.initializers, [&](const onnx::TensorProto& initializer) {
        return std::ranges::find(given, initializer.name) != given.end() &&
               std::ranges::find(graph.inputs, initializer.name, &onnx::ValueInfo::name) != graph.inputs.end();
    });
}

base::Result<ModelContent> readBytes(std::string_view bytes, FilesBeside beside, const std::string& name,
                                     std::span<const std::string> given) {
    auto model = onnx::parseModel(bytes);
    if (!model) return rejected(name, model.error().message);
    if (const auto versions = checkVersions(*model, name); !versions) return base::forward(versions);
    onnx::ExternalData files(std::move(beside));
    const onnx::TakenStates states(*model, bytes);
    dropDefaults(model->graph, given);
    onnx::Lowering lowering(*model, files);
    try {
        lowering.run();
    } catch (const onnx::BrokenModel& broken) {
        return rejected(name, broken.message);
    }
    if (const auto kept = states.keepIn(lowering.graph, files); !kept) return rejected(name, kept.error().message);
    onnx::recognizeDynamicGrids(lowering.graph);
    onnx::recognizeIntegerLayers(lowering.graph);
    recognizeLookups(lowering.graph);
    graph::compact(lowering.graph);
    if (auto verified = graph::verify(lowering.graph); !verified) return base::forward(verified, {"while.opening", {{"file", name}}});
    std::vector<base::Message> notes;
    if (!lowering.switchedToEvaluation.empty()) notes.push_back(evaluationNote(lowering.switchedToEvaluation));
    if (!graph::statesOf(lowering.graph).empty()) notes.push_back(stateNote(lowering.graph));
    return ModelContent{std::move(lowering.graph), std::move(lowering.problems), std::move(notes), false,
                        files.files().fileBytes(), files.files().sha256()};
}

} // namespace

bool isOnnx(const FileContent& content) {
    using namespace std::string_view_literals;
    // ModelProto: field 1 (ir_version) as a small varint, followed by the key of another of its fields.
    constexpr auto keys = "\x12\x1a\x22\x28\x32\x3a\x42\x72"sv;
    const std::string_view bytes = content.bytes;
    return bytes.size() > 3 && bytes[0] == '\x08' && bytes[1] >= 1 && keys.find(bytes[2]) != std::string_view::npos;
}

base::Result<ModelContent> readOnnx(std::string_view bytes, const std::filesystem::path& folder, const std::string& name) {
    return readBytes(bytes, FilesBeside({folder}), name, {});
}

base::Result<ModelContent> readOnnx(const std::filesystem::path& file, std::span<const std::string> given) {
    const std::string name = file.filename().string();
    std::error_code error;
    if (std::filesystem::file_size(file, error) > maxBytes && !error)
        return rejected(name, "is larger than 2 GiB, which no ONNX file can be; keep the weights in a file of their own.");
    const auto mapped = base::MappedFile::open(file);
    if (!mapped) return base::forward(mapped);
    const auto raw = (*mapped)->bytes();
    auto model =
        readBytes(std::string_view(reinterpret_cast<const char*>(raw.data()), raw.size()), FilesBeside(foldersOf(file)), name, given);
    if (model) model->graph.name = file.stem().string();
    return model;
}

} // namespace lathe::formats
