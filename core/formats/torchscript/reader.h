#pragma once

#include <filesystem>
#include <vector>

#include <core/base/result.h>
#include <core/formats/model_file.h>

namespace lathe::formats {

struct TorchScriptModel {
    graph::Graph graph;
    std::vector<ImportProblem> problems;
};

/// Reads forward of a traced or scripted model, in evaluation mode, on the CPU. The weights stay in the memory that torch loaded them into.
/// The graph passes graph::verify. Errors: Rejected with one sentence for anything that torch.jit.load refuses and for models without
/// forward.
[[nodiscard]] base::Result<TorchScriptModel> readTorchScript(const std::filesystem::path& file);

} // namespace lathe::formats
