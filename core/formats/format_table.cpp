#include <core/formats/format_table.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <fstream>

#include <core/base/model_formats.h>
#include <core/formats/exported_program/reader.h>
#include <core/formats/onnx/reader.h>
#include <core/formats/torchscript/reader.h>

namespace lathe::formats {

namespace {

namespace fs = std::filesystem;

constexpr std::array formats{
    FormatSpec{.id = "torchscript",
               .isContent = isTorchScript,
               .read = readTorchScript,
               .write = [](const graph::Graph& graph, const fs::path& file, const WriteSettings&) { return writeTorchScript(graph, file); },
               .saysControlFlow = true,
               .integerKernels = IntegerKernels::Layers,
               .judge = "libtorch",
               .pythonJudge = "torch"},
    FormatSpec{
        .id = "pt2",
        .isContent = isExportedProgram,
        .read = readExportedProgram,
        .write = [](const graph::Graph& graph, const fs::path& file, const WriteSettings&) { return writeExportedProgram(graph, file); },
        .shapes = WrittenShapes::All,
        .integerKernels = IntegerKernels::None,
        .judge = "lathe",
        .pythonJudge = "torch"},
    FormatSpec{.id = "onnx",
               .isContent = isOnnx,
               .read = readOnnx,
               .write = [](const graph::Graph& graph, const fs::path& file,
                           const WriteSettings& settings) { return writeOnnx(graph, file, settings.productWeights); },
               .hasFilesBeside = true,
               .shapes = WrittenShapes::Interface,
               .integerKernels = IntegerKernels::LayersAndProducts,
               .judge = "lathe",
               .pythonJudge = "onnxruntime"},
};

} // namespace

std::span<const FormatSpec> formatTable() { return formats; }

const FormatSpec& formatSpec(std::string_view id) {
    const auto found = std::ranges::find(formats, id, &FormatSpec::id);
    assert(found != formats.end());
    return *found;
}

base::Result<> checkControlFlow(const graph::Graph& graph, std::string_view id) {
    if (formatSpec(id).saysControlFlow) return {};
    const auto decides = std::ranges::find_if(graph.main.nodes, [](const graph::Node& node) { return !node.blocks.empty(); });
    if (decides == graph.main.nodes.end()) return {};
    return base::failure(
        base::ErrorCode::Unsupported,
        {"export.hasControlFlow", {{"node", decides->name}, {"op", decides->op}, {"format", base::findModelFormat(id)->name}}});
}

bool mayHaveFilesBeside(const fs::path& file) {
    std::error_code error;
    if (!fs::is_regular_file(file, error)) return false;
    std::array<char, 16> first{};
    std::ifstream stream(file, std::ios::binary);
    stream.read(first.data(), first.size());
    const FileContent content{.bytes = {first.data(), static_cast<std::size_t>(stream.gcount())}, .entries = {}};
    return std::ranges::any_of(formats, [&](const FormatSpec& format) { return format.hasFilesBeside && format.isContent(content); });
}

} // namespace lathe::formats
