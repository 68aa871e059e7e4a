#pragma once

#include <filesystem>
#include <string>

#include <core/base/job.h>
#include <core/client/protocol.h>
#include <core/client/requests.h>
#include <core/data/dataset.h>
#include <core/formats/model_file.h>
#include <core/recipe/recipe.h>
#include <core/runtime/device.h>

namespace lathe::engine {

enum class Verification { Run, Skip };

struct ModelExportRequest {
    std::filesystem::path file;
    client::ExportTarget to = client::ExportTarget::TorchScript;
    recipe::Recipe recipe;
    std::string data; ///< may be empty when the recipe needs none and nothing is verified
    runtime::Device device;
    std::int64_t seed = 0;
    Verification verification = Verification::Run;
};

/// Applies the recipe and writes the result as TorchScript, as an exported program (.pt2) or as ONNX. Verified: a new process opens the
/// file, TorchScript with LibTorch's own interpreter, the others with Lathe's reader and runtime, runs it on test samples, and its outputs
/// are compared with those of the plan here: largest difference, share of equal top-1, load time. The check is ok when all outputs are
/// finite and at least 99 % of the top-1 agree (integer kernels of other engines round differently) or no output differs by more than 1 %
/// of the largest.
[[nodiscard]] base::Result<client::ExportReply> exportModel(const ModelExportRequest& request, const formats::OpenedModel& model,
                                                            const base::Job& job);

/// What the new process does (`lathe-cli check-export`): loads `file`, runs it on array "input" of `inputs` and writes array "output" and
/// "load_ms" to `outputs`. Errors: Rejected when it cannot be loaded or run.
[[nodiscard]] base::Result<> writeOutputsOfExport(const std::filesystem::path& file, const std::filesystem::path& inputs,
                                                  const std::filesystem::path& outputs);

/// Where lathe-cli is: $LATHE_CLI, this program if it is it, or beside this program.
[[nodiscard]] std::filesystem::path commandLineProgram();

} // namespace lathe::engine
