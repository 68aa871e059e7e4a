#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <core/base/job.h>
#include <core/data/dataset.h>
#include <core/engine/stage_cache.h>
#include <core/formats/model_file.h>
#include <core/measure/result.h>
#include <core/recipe/recipe.h>
#include <core/runtime/device.h>

namespace lathe::engine {

struct ComparisonRequest {
    std::filesystem::path modelFile;
    recipe::Recipe recipe;
    std::string data;
    runtime::Device device;
    int threads = 0; ///< 0: one for each core; for latency each model takes one thread where it is faster with it
    std::int64_t seed = 0;
    std::optional<std::filesystem::path> history; ///< none: not stored
    std::string name;
    std::vector<std::string> tags;
    StageCache* stages = nullptr;                    ///< where slow steps are kept in memory; nullptr: nowhere
    std::optional<std::filesystem::path> outputFile; ///< .npz with the optimized model's outputs on the test split ("output")
};

/// The comparison: applies the recipe to the model, measures original and result on the same data and device, stores both in the history.
/// The rows are registered before any work and completed in one transaction at the end, so a history that cannot be written is told at once
/// and no half run is ever shown as complete. Everything that can be wrong with the request (device, data, recipe, layer names, input
/// shape) is found before the first step.
[[nodiscard]] base::Result<measure::RunDocument> runComparison(const ComparisonRequest& request, const formats::OpenedModel& model,
                                                               const base::Job& job);

} // namespace lathe::engine
