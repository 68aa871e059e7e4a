#include <core/history/standing.h>

#include <algorithm>
#include <map>

namespace lathe::history {
namespace {

bool isComplete(const RunRow& run) { return run.state == RunState::Complete; }

/// The run that `runs[at]` is compared with. `pinned`: position of the pinned run of its scope.
std::optional<std::size_t> baselineOf(std::span<const RunRow> runs, std::size_t at, std::optional<std::size_t> pinned,
                                      const std::map<std::string, std::size_t>& positions, const std::vector<Standing>& standing) {
    if (pinned) return *pinned == at ? std::nullopt : pinned;
    const auto parent = positions.find(runs[at].parentId);
    if (parent == positions.end() || !isComplete(runs[parent->second])) return std::nullopt;
    if (standing[parent->second].scope != standing[at].scope) return std::nullopt;
    return parent->second;
}

void compare(std::span<const RunRow> runs, std::size_t at, std::optional<std::size_t> pinned, Standing& standing) {
    const RunRow& run = runs[at];
    // A comparison is always with the original. It counts unless another model was pinned.
    const bool isOfOriginal = !pinned || (*pinned != at && isUnchanged(runs[*pinned]));
    standing.isMeasuredTogether = run.comparison && isOfOriginal;
    const RunRow* baseline = standing.baseline ? &runs[*standing.baseline] : nullptr;
    if (baseline != nullptr && baseline->result.quality.accuracy && run.result.quality.accuracy) {
        standing.accuracyChange = *run.result.quality.accuracy - *baseline->result.quality.accuracy;
    } else if (standing.isMeasuredTogether && run.comparison->accuracyDrop) {
        standing.accuracyChange = -*run.comparison->accuracyDrop;
    }
    if (standing.isMeasuredTogether) {
        standing.speedup = run.comparison->speedup.ratio;
        standing.isSpeedReliable = run.comparison->speedup.verdict != measure::Verdict::NotReliable;
    } else if (baseline != nullptr) {
        standing.isSameModel = isUnchanged(run) && isUnchanged(*baseline);
        if (!standing.isSameModel && baseline->result.latency.p50 > 0 && run.result.latency.p50 > 0)
            standing.speedup = baseline->result.latency.p50 / run.result.latency.p50;
        standing.isSpeedReliable = measure::isReliable(baseline->result.latency) && measure::isReliable(run.result.latency);
    }
}

} // namespace

bool isUnchanged(const RunRow& run) { return run.role == RunRole::Baseline || run.recipeSummary.empty(); }

Standings standingsOf(std::span<const RunRow> runs) {
    Standings all;
    all.standing.resize(runs.size());
    std::map<std::string, std::size_t> positions;
    std::vector<std::optional<std::size_t>> pinned; // of each scope
    for (std::size_t at = 0; at < runs.size(); ++at) {
        positions.emplace(runs[at].id, at);
        Scope scope = scopeOf(runs[at]);
        const auto known = std::find(all.scopes.begin(), all.scopes.end(), scope);
        const auto number = static_cast<std::size_t>(known - all.scopes.begin());
        if (known == all.scopes.end()) {
            all.scopes.push_back(std::move(scope));
            pinned.emplace_back();
        }
        all.standing[at].scope = number;
        if (runs[at].isPinnedBaseline && isComplete(runs[at]) && !pinned[number]) pinned[number] = at;
    }
    for (std::size_t at = 0; at < runs.size(); ++at) {
        if (!isComplete(runs[at])) continue;
        Standing& standing = all.standing[at];
        const std::optional<std::size_t> chosen = pinned[standing.scope];
        standing.baseline = baselineOf(runs, at, chosen, positions, all.standing);
        compare(runs, at, chosen, standing);
    }
    return all;
}

} // namespace lathe::history
