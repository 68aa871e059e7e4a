#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <core/base/result.h>
#include <core/graph/graph.h>

namespace lathe::formats {

struct OperatorCount {
    std::string op;
    int count = 0;
    bool isSupported = true; ///< can be run by our runtime
};

/// Something that Lathe cannot do with this model, where, and what it means.
struct ImportProblem {
    std::string op, scope, source, reason;
};

struct ImportReport {
    std::string format;                   ///< "torchscript", "pt2", "onnx"
    std::vector<OperatorCount> operators; ///< most frequent first
    std::vector<ImportProblem> problems;
    std::vector<base::Message> notes; ///< on the file, that are no problem: another schema version, ranges of symbolic sizes
    bool runs = true;
    bool keepsState = false; ///< from call to call, which its graph does not: it begins with the state in the file
};

/// What the reader of a format finds in a file.
struct ModelContent {
    graph::Graph graph;
    std::vector<ImportProblem> problems;
    std::vector<base::Message> notes;
    bool keepsState = false;        ///< see ImportReport
    std::int64_t externalBytes = 0; ///< of the files beside it that hold its weights
    std::string externalSha256;     ///< of these files together; empty when there are none
};

struct OpenedModel {
    graph::Graph graph;
    ImportReport report;
    std::string sha256;         ///< of the file; where ONNX keeps weights in files beside it, of all of them
    std::int64_t fileBytes = 0; ///< of the file and of those beside it that hold its weights
};

/// Opens a model by content, not by file name. Errors are Rejected or NotFound with one sentence: missing, empty, a folder, truncated,
/// random bytes, a zip that is not a model (says what it seems to be: a state dict, a .pt2 archive, an .npz …).
[[nodiscard]] base::Result<OpenedModel> openModel(const std::filesystem::path& file);

/// Writes the graph as a TorchScript archive that plain PyTorch loads with torch.jit.load: module tree and parameter names as in the
/// graph's scopes, fused operators expanded, QDQ written as PyTorch's quantized operators with packed int8 weights where the runtime would
/// run real int8 kernels. The file is written aside and renamed. Returns its size in bytes. Errors: NoSpace, Unsupported (names the node),
/// Failed.
[[nodiscard]] base::Result<std::int64_t> writeTorchScript(const graph::Graph& graph, const std::filesystem::path& file);

/// Writes the graph as a .pt2 archive that torch.export.load of PyTorch 2.11 loads: weights by name (int8 ones in one byte each), fused
/// operators expanded, QDQ as torch.ops.quantized_decomposed (Python has to import torch.ao.quantization.fx._decomposed before loading
/// those). Every tensor needs a shape; symbolic sizes stay symbolic, those without a name get one. The file is written aside and renamed.
/// Returns its size in bytes. Errors: NoSpace, Unsupported (names the node: control flow, unknown shapes), Failed.
[[nodiscard]] base::Result<std::int64_t> writeExportedProgram(const graph::Graph& graph, const std::filesystem::path& file);

/// How the weights of integer products (MatMulInteger) are written. Signed ones are twice as fast in ONNX Runtime on CPUs with VNNI, and
/// saturate on those without, where its kernels add two products in 16 bits. Unsigned ones are exact everywhere.
enum class ProductWeights { Signed, Unsigned };

/// Writes the graph as an ONNX model of opset 17 (21 when it has four-bit weights): QDQ as QuantizeLinear and DequantizeLinear, integer
/// weights stored as integers, fused operators expanded, the first dimension of inputs and outputs left open. The file is written aside and
/// renamed. Returns its size in bytes. Errors: NoSpace, Unsupported (names the node), Failed.
[[nodiscard]] base::Result<std::int64_t> writeOnnx(const graph::Graph& graph, const std::filesystem::path& file,
                                                   ProductWeights productWeights = ProductWeights::Signed);

} // namespace lathe::formats
