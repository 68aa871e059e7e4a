#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include <core/base/result.h>
#include <core/formats/file_content.h>
#include <core/formats/model_file.h>

namespace lathe::formats {

/// What other runtimes compute in integers of a quantized model that they open from a file of this format.
enum class IntegerKernels {
    None,             ///< quantize and dequantize are run as they stand, in float
    Layers,           ///< layers whose inputs, weights and results are integers
    LayersAndProducts ///< products with float results too
};

/// Which tensors the file says the shapes of, with symbols for free sizes.
enum class WrittenShapes {
    None,
    Interface, ///< inputs and outputs of the model, as far as they are known
    All,       ///< every tensor, so the graph has to know them
};

/// How writers are asked; a format takes what concerns it.
struct WriteSettings {
    ProductWeights productWeights = ProductWeights::Signed;
};

/// A format that models are opened from and exported to: a row of the table. What people see of it is base::ModelFormat of the same id.
struct FormatSpec {
    std::string_view id;
    bool (*isContent)(const FileContent& content); ///< is this what such files hold?
    /// The model in the file, as readTorchScript says it. `given`: names of arrays that there will be for each call; inputs that may be
    /// left out are left out unless they are among them.
    base::Result<ModelContent> (*read)(const std::filesystem::path& file, std::span<const std::string> given);
    /// Returns the size of the file, which is written aside and renamed. Errors: NoSpace, Unsupported (names the node), Failed.
    base::Result<std::int64_t> (*write)(const graph::Graph& graph, const std::filesystem::path& file, const WriteSettings& settings);
    bool hasFilesBeside = false;  ///< may keep weights in other files of its folder
    bool saysControlFlow = false; ///< writes conditions and loops
    WrittenShapes shapes = WrittenShapes::None;
    IntegerKernels integerKernels; ///< of the runtimes it is meant for
    std::string_view judge;        ///< of `lathe-cli check-export`: "libtorch" (its interpreter), "lathe" (our reader and runtime)
    std::string_view pythonJudge;  ///< the module that resources/python/run_export.py runs it with: "torch", "onnxruntime"
};

/// A row for each of base::modelFormats(), in that order: a file is of the first format whose isContent says so.
[[nodiscard]] std::span<const FormatSpec> formatTable();

/// The id is one of the table.
[[nodiscard]] const FormatSpec& formatSpec(std::string_view id);

/// openModel of model_file.h for somebody who has data: inputs that may be left out (optional arguments of TorchScript, inputs with an
/// initializer in ONNX) are inputs of the graph where `given`, the names of the arrays that there are, has them.
[[nodiscard]] base::Result<OpenedModel> openModel(const std::filesystem::path& file, std::span<const std::string> given);

/// Unsupported, naming the node, for a graph that decides while it runs what is computed, in a format without words for that. Looks at
/// nothing else: for who would compute for minutes before the writer says so.
[[nodiscard]] base::Result<> checkControlFlow(const graph::Graph& graph, std::string_view id);

/// Does the file begin as those of a format that may keep weights in other files of its folder? For who decides what may be read before
/// anything is: looks at 16 bytes, which may as well belong to something else.
[[nodiscard]] bool mayHaveFilesBeside(const std::filesystem::path& file);

} // namespace lathe::formats
