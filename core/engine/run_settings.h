#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include <core/data/dataset.h>
#include <core/runtime/device.h>

namespace lathe::engine {

/// What a recipe runs with.
struct RunSettings {
    std::shared_ptr<const data::Dataset> dataset;
    runtime::Device device;
    std::int64_t seed = 0;
    std::filesystem::path checkpointFolder = {}; ///< where interrupted fine-tuning is continued from; empty: nowhere
    std::filesystem::path stageFolder = {};      ///< where the models after slow steps are kept (stage_store.h); empty: nowhere
    class StageCache* stages = nullptr;          ///< where they are kept in memory, in front of the folder; nullptr: nowhere
};

/// With the user's own folders for checkpoints and stages.
[[nodiscard]] RunSettings userSettings(std::shared_ptr<const data::Dataset> dataset, runtime::Device device, std::int64_t seed);

} // namespace lathe::engine
