#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include <core/history/history.h>
#include <core/history/scope.h>

namespace lathe::history {

/// How one run stands against the one that it is compared with. That is the run pinned in its scope, else the original that it was measured
/// against; never a run of another scope.
struct Standing {
    std::size_t scope = 0;               ///< position in Standings::scopes
    std::optional<std::size_t> baseline; ///< position among the runs; nothing for what others are compared with, and where it is gone
    /// The run's own comparison is with this baseline, or with the same unchanged model: the two were measured in turns, and it holds the
    /// interval and the verdict. Else `speedup` is a ratio of medians that were taken at different times.
    bool isMeasuredTogether = false;
    /// Both are the unchanged model: a ratio of their times would only tell of the machine, so there is none.
    bool isSameModel = false;
    std::optional<double> accuracyChange; ///< against the baseline, fraction
    std::optional<double> speedup;        ///< median of the baseline / median of the run
    bool isSpeedReliable = true;          ///< false: the machine was disturbed, and the speed-up is no statement about the two
};

struct Standings {
    std::vector<Scope> scopes;      ///< in the order in which the runs first show them
    std::vector<Standing> standing; ///< one for each run, in their order
};

/// `runs`: newest first, as History::list gives them. Of several pinned runs of one scope (in merged histories) the newest counts. Runs
/// that are not complete have a scope and nothing else.
[[nodiscard]] Standings standingsOf(std::span<const RunRow> runs);

/// Is it the model as it was opened: a baseline, or a recipe that does nothing?
[[nodiscard]] bool isUnchanged(const RunRow& run);

} // namespace lathe::history
