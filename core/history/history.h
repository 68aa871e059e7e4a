#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <core/base/result.h>
#include <core/history/exported_file.h>
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
    std::string name; ///< shown and editable; "" in begin() becomes "lenet5 · fuse → … · 12"
    std::string note;
    std::vector<std::string> tags;
    bool isPinnedBaseline = false; ///< chosen by the user as what others of its scope (scope.h) are compared with
    std::string createdAt;         ///< UTC, ISO 8601; "" in begin() becomes now
    std::string modelFile, modelSha256, modelFormat, dataName, dataSha256, device;
    std::int64_t dataSamples = 0;
    std::string recipeJson, recipeSummary;
    std::int64_t seed = 0;
    measure::Environment environment;
    measure::ModelResult result; ///< list() fills the figures only: no samples, predictions, confusion, per-class figures and layers
    std::optional<measure::Comparison> comparison; ///< optimized only; flips only filled by run(id)
    std::vector<measure::StepResult> steps;        ///< optimized only; only filled by run(id)
    std::vector<ExportedFile> exports;             ///< newest first
    std::string error;                             ///< of failed runs
};

/// A part of a list: `count` rows from the `first` on.
struct Page {
    std::size_t first = 0, count = std::numeric_limits<std::size_t>::max();
};

/// The SQLite file. One writer at a time, others wait for up to 5 s (then Busy); readers are never blocked (WAL). Every public function
/// opens no transaction longer than itself. Any function may fail with NoSpace (read-only, full), Busy or Rejected (damaged), with the
/// file's name. Not thread-safe: one History per thread.
class History {
public:
    /// Opens or creates. Errors: NoSpace (read-only, full), Busy (locked for over 5 s), Rejected (not a history, damaged, or written by a
    /// newer version: the file is left as it is). Migrates older files after copying them to "<file>.v<N>.bak".
    [[nodiscard]] static base::Result<History> open(const std::filesystem::path& file);
    /// $LATHE_HISTORY, or $XDG_DATA_HOME/lathe/history.sqlite.
    [[nodiscard]] static std::filesystem::path defaultFile();
    History(History&&) noexcept;
    History& operator=(History&&) noexcept;
    ~History();

    /// Registers a comparison before it starts: two rows in state Running, bound to this process. Returns {baseline id, optimized id}.
    [[nodiscard]] base::Result<std::pair<std::string, std::string>> begin(const RunRow& baseline, const RunRow& optimized);
    /// Stores everything and makes both rows Complete, in one transaction: afterwards it survives a crash of the program and of the
    /// machine. Errors: NotFound, InvalidArgument (a row is not at work any more, or the confusion matrix has rows of different length),
    /// NoSpace, Busy; then nothing is stored and it can be called again.
    [[nodiscard]] base::Result<> complete(const measure::RunDocument& document, const std::string& baselineId,
                                          const std::string& optimizedId);
    /// Puts another measurement of speed into complete rows: latency, throughput and layer times of both, speed-up and environment of the
    /// optimized one; all else stays. `baselineId` may be "": its row is gone. Errors: NotFound, InvalidArgument (a row is not complete, or
    /// has other layers); then nothing is changed.
    [[nodiscard]] base::Result<> replaceSpeed(const measure::RunDocument& document, const std::string& baselineId,
                                              const std::string& optimizedId);
    /// Ends rows without results: Cancelled, Failed or Interrupted. Rows that are Complete stay so (InvalidArgument).
    [[nodiscard]] base::Result<> abandon(const std::vector<std::string>& ids, RunState state, const std::string& error);
    /// Rows in state Running whose process is gone become Interrupted; called by open().
    [[nodiscard]] base::Result<int> markInterrupted();

    /// Newest first; figures only (see RunRow). `search`: a filter as parseRunFilter() in run_filter.h reads it; words must all occur in
    /// name, note, tags, recipe or model, upper and lower case alike (ASCII). InvalidArgument says what of it cannot be used.
    [[nodiscard]] base::Result<std::vector<RunRow>> list(const std::string& search = {}, Page page = {}) const;
    /// One row with everything. NotFound names the id. An unambiguous beginning of an id is enough, here and below.
    [[nodiscard]] base::Result<RunRow> run(const std::string& id) const;

    [[nodiscard]] base::Result<> rename(const std::string& id, const std::string& name);
    [[nodiscard]] base::Result<> setNote(const std::string& id, const std::string& note);
    [[nodiscard]] base::Result<> setTags(const std::string& id, const std::vector<std::string>& tags);
    /// Makes the run what others of its scope (scope.h) are compared with; what was pinned in that scope is not any more, other scopes
    /// keep theirs.
    [[nodiscard]] base::Result<> pinBaseline(const std::string& id);
    [[nodiscard]] base::Result<> unpinBaseline(const std::string& id);
    /// Optimized runs whose baseline is removed stay, without parentId. Busy when a run is still at work on this machine. All or nothing.
    [[nodiscard]] base::Result<> remove(const std::vector<std::string>& ids);
    /// Records an exported file; the same file again replaces the earlier record. It belongs to the newest complete run of the same model,
    /// recipe, data and seed, and is removed with it; without one it stands alone. Returns the run's id, or "".
    [[nodiscard]] base::Result<std::string> addExport(const ExportedFile& exported);
    /// All exported files, newest first, with and without a run.
    [[nodiscard]] base::Result<std::vector<ExportedFile>> exports() const;

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
