#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include <core/base/job.h>
#include <core/base/model_formats.h>
#include <core/client/protocol.h>
#include <core/client/requests.h>
#include <core/data/dataset.h>
#include <core/engine/stage_cache.h>
#include <core/formats/model_file.h>
#include <core/recipe/recipe.h>
#include <core/runtime/device.h>

namespace lathe::engine {

enum class Verification { Run, Skip };

struct ModelExportRequest {
    std::filesystem::path file;
    std::string to{base::modelFormats().front().id}; ///< id of a format
    std::filesystem::path modelFile;                 ///< that was opened; for the history
    recipe::Recipe recipe;
    std::string data; ///< may be empty when the recipe needs none and nothing is verified
    runtime::Device device;
    std::int64_t seed = 0;
    Verification verification = Verification::Run;
    std::string python;                           ///< program that verifies as well; "": none
    std::optional<std::filesystem::path> history; ///< none: not recorded
    StageCache* stages = nullptr;                 ///< where slow steps are kept in memory; nullptr: nowhere
};

/// Applies the recipe and writes the result as TorchScript, as an exported program (.pt2) or as ONNX. Verified: judges (export_judges.h)
/// open the file in new processes and run it on test samples, and their outputs are compared with those of the plan here. A judge that
/// finds a difference is no error: the file is written, and the reply says so. A history that cannot be written is logged.
[[nodiscard]] base::Result<client::ExportReply> exportModel(const ModelExportRequest& request, const formats::OpenedModel& model,
                                                            const base::Job& job);

} // namespace lathe::engine
