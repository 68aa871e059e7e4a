#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include <core/base/result.h>
#include <core/transform/prune/removal.h>

namespace lathe::transform {

/// A group whose channels may go.
struct Candidate {
    const DependencyGroup* group = nullptr;
    std::vector<double> scores; ///< one for each channel, the lowest go first
    /// Of its channels, whatever the others lose (0.3: 30 %).
    std::optional<double> ratio = {};
};

/// What the ratio is a share of.
enum class ShareOf {
    Channels,   ///< of the candidates
    Parameters, ///< of the whole model
    Macs,       ///< of the whole model
    Latency,    ///< of a call of the whole model (latency_target.h); not for select()
};

struct SelectionOptions {
    double ratio = 0.5;
    ShareOf of = ShareOf::Channels;
    /// All channels are ranked as one list, instead of each group by itself.
    bool isGlobal = false;
    /// Ranked together, scores are divided by the mean of their group first: norms of wide and of narrow layers do not compare.
    bool isNormalized = true;
    std::size_t minimum = 1;  ///< channels that each group keeps, if it has so many
    std::size_t multiple = 1; ///< the number of channels that stay is rounded up to one
};

struct Selection {
    std::vector<GroupChoice> choices; ///< one for each candidate, in their order
    bool isReached = true;            ///< can the ratio be reached at all? If not, everything goes that may
    double left = 1;                  ///< of the model's parameters or MACs, where those are counted
};

/// Which channels go. Per group: of n channels ⌊n · (1 − ratio)⌋ stay, at least `minimum`, rounded up to `multiple`. Ranked together: the
/// lowest ⌊n · ratio⌋ of all n go, then minimum and multiple are kept for each group. Parameters and MACs: the least that goes (the same
/// share of each group, in thousandths, or the first so many of the common list) with which the model that is left has at most 1 − ratio of
/// them, counted exactly; where numbers are rounded, the last step may take many channels of many groups, and those groups whose channels
/// score highest get theirs back as long as the target is kept. A group with a ratio of its own keeps to it, as a share of its channels.
/// The graph must be the one that the groups are of.
[[nodiscard]] Selection select(const graph::Graph& graph, std::span<const Candidate> candidates, const SelectionOptions& options);

/// What is left of something with these choices, as a share of what it is without them. Channels that stay for nothing may be given back.
using Left = std::function<base::Result<double>(std::vector<GroupChoice>& choices)>;

/// The same for what `left` tells: the least that goes (as of parameters) with which at most 1 − ratio is left. What is left need not get
/// smaller with every step: then it is some step that is enough and whose last one before it is not. Errors: those of `left`.
[[nodiscard]] base::Result<Selection> selectBy(std::span<const Candidate> candidates, const SelectionOptions& options, const Left& left);

/// ⌊channels · (1 − ratio)⌋, at least `minimum`, rounded up to `multiple`, at most all.
[[nodiscard]] std::size_t keptChannels(std::size_t channels, double ratio, std::size_t minimum, std::size_t multiple);

/// Of the candidate's channels so many stay: those with the highest scores.
[[nodiscard]] GroupChoice withoutLowest(const Candidate& candidate, std::size_t kept);

} // namespace lathe::transform
