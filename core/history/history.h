#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <core/base/result.h>
#include <core/measure/result.h>

namespace lathe::history {

enum class RunState { Running, Complete, Cancelled, Failed, Interrupted };
enum class RunRole { Baseline, Optimized };

/// One row of the history: one measured model.
struct RunRow {
    std::string id;       ///< UUID
    std::string parentId; ///< of an optimized run its baseline; "" for baselines
    RunRole role = RunRole::Baseline;
    RunState state = RunState::Running;
    std::string name;     ///< shown and editable; default "lenet5 · fuse → … · 12"
    std::string note;
    std::vector<std::string> tags;
    bool isPinnedBaseline = false; ///< chosen by the user as what others are compared with
    std::string createdAt;         ///< UTC, ISO 8601
    std::string modelFile, modelSha256, modelFormat, dataName, dataSha256, device;
    std::string recipeJson, recipeSummary;
    std::int64_t seed = 0;
    measure::Environment environment;
    measure::ModelResult result;             ///< latency.samplesMs and quality.predictions only filled by run(id)
    std::optional<measure::Comparison> comparison; ///< optimized only
    std::vector<measure::StepResult> steps;  ///< optimized only
    std::string error;                       ///< of failed runs
};

/// The SQLite file. One writer at a time; readers are never blocked (WAL). Every public function opens no transaction longer than itself.
/// Not thread-safe: one History per thread.
class History {
public:
    /// Opens or creates. Errors: NoSpace (read-only, full), Busy (locked for over 5 s), Rejected (not a history, damaged, or written by a newer version:
    /// the file is left as it is). Migrates older files after copying them to "<file>.v<N>.bak".
    [[nodiscard]] static base::Result<History> open(const std::filesystem::path& file);
    /// $LATHE_HISTORY, or $XDG_DATA_HOME/lathe/history.sqlite.
    [[nodiscard]] static std::filesystem::path defaultFile();
    History(History&&) noexcept;
    History& operator=(History&&) noexcept;
    ~History();

    /// Registers a comparison before it starts: two rows in state Running, bound to this process. Returns {baseline id, optimized id}.
    [[nodiscard]] base::Result<std::pair<std::string, std::string>> begin(const RunRow& baseline, const RunRow& optimized);
    /// Stores everything and makes both rows Complete, in one transaction.
    [[nodiscard]] base::Result<> complete(const measure::RunDocument& document, const std::string& baselineId, const std::string& optimizedId);
    [[nodiscard]] base::Result<> abandon(const std::vector<std::string>& ids, RunState state, const std::string& error);
    /// Rows in state Running whose process is gone become Interrupted; called by open().
    [[nodiscard]] base::Result<int> markInterrupted();

    /// Newest first; without raw samples and predictions. `search`: words that must all occur in name, note, tags, recipe or model.
    [[nodiscard]] base::Result<std::vector<RunRow>> list(const std::string& search = {}) const;
    /// One row with everything. NotFound names the id. An unambiguous beginning of an id is enough.
    [[nodiscard]] base::Result<RunRow> run(const std::string& id) const;

    [[nodiscard]] base::Result<> rename(const std::string& id, const std::string& name);
    [[nodiscard]] base::Result<> setNote(const std::string& id, const std::string& note);
    [[nodiscard]] base::Result<> setTags(const std::string& id, const std::vector<std::string>& tags);
    [[nodiscard]] base::Result<> setPinnedBaseline(const std::string& id);
    [[nodiscard]] base::Result<> remove(const std::vector<std::string>& ids);

    /// PRAGMA integrity_check and foreign_key_check: "" when sound, otherwise what is wrong.
    [[nodiscard]] base::Result<std::string> check() const;
    /// PRAGMA data_version: changes when another process wrote; for polling by the window.
    [[nodiscard]] base::Result<std::int64_t> dataVersion() const;

private:
    struct Impl;
    explicit History(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace lathe::history
