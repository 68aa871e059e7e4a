#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <core/engine/recipe_runner.h>

namespace lathe::engine {

/// Steps that took long (fine-tuning, calibration) with the model after them, so that exports, further runs and new measurements start from
/// there. One file a step in a folder of the user's cache, named by what the step depends on. Any process may use it at the same time, and
/// the folder may be emptied at any time. What cannot be read or written is as if it were not there, with a line in the log.
class StageStore {
public:
    /// A quick step is done again sooner than its model is read.
    static constexpr double slowStepSeconds = 0.5;
    static constexpr std::uintmax_t usualLimitBytes = std::uintmax_t{4} << 30;

    /// `folder` is created when something is kept; empty: nothing is kept or found. The files together take at most `limitBytes`: those
    /// that were not used for the longest time go first.
    explicit StageStore(std::filesystem::path folder, std::uintmax_t limitBytes = usualLimitBytes);

    /// The stage that was kept under this key, undamaged; Stage::step is 0. Its time and memory are those of when it was made.
    [[nodiscard]] std::optional<Stage> find(const std::string& key) const;
    /// Keeps the stage, whatever it took. A stage of more than a quarter of the limit, or one that would fill the disk, is not kept.
    void keep(const std::string& key, const Stage& stage) const;

private:
    [[nodiscard]] std::filesystem::path file(const std::string& key) const;
    void removeOldest() const;

    std::filesystem::path m_folder;
    std::uintmax_t m_limitBytes;
};

/// For each enabled step a key of everything that the model after it depends on: the original's structure and weights, all enabled steps so
/// far, data, preprocessing and evaluation, seed, device, and this very program.
[[nodiscard]] std::vector<std::string> stageKeys(const graph::Graph& original, const recipe::Recipe& recipe, const RunSettings& settings);

/// $XDG_CACHE_HOME/lathe/stages; empty when the environment variable LATHE_STAGES is "off".
[[nodiscard]] std::filesystem::path defaultStageFolder();

} // namespace lathe::engine
