#pragma once

#include <span>
#include <vector>

#include <core/base/job.h>
#include <core/base/result.h>
#include <core/transform/prune/layer_times.h>
#include <core/transform/prune/selection.h>

namespace lathe::transform {

/// The layers that make or read the channels of a group, as they are when these channels go: one graph with an input for each layer. Its
/// weights are zeros. Layers whose sizes are not all known are left out.
[[nodiscard]] graph::Graph layersAlone(const graph::Graph& graph, const DependencyGroup& group, std::span<const GroupChoice> choices);

/// How many channels of a group stay, and what that takes.
struct FastWidth {
    const DependencyGroup* group = nullptr;
    std::size_t wanted = 0; ///< channels that would have stayed
    std::size_t kept = 0;
    double denseMs = 0, wantedMs = 0, keptMs = 0; ///< of the group's layers with all channels, with those wanted and those kept
};

/// Kernels work in blocks: 33 channels may take as long as 48, or longer than 64. For each group that loses channels the layers are timed
/// with the number that would stay, the next multiples of 4, 8, 16 and 32, and all channels, everything else as it was chosen. The fastest
/// width is taken, and of those within 3 % of it the widest: it costs nothing. If all of them are slower than all channels are, by more
/// than 3 %, all channels stay. Changes `choices` (one for each candidate, as select() gives them). One entry for each group that was
/// timed. Errors: Cancelled, those of `time`.
[[nodiscard]] base::Result<std::vector<FastWidth>> roundToFastWidths(const graph::Graph& graph, std::span<const Candidate> candidates,
                                                                     std::vector<GroupChoice>& choices, const TimeGraphs& time,
                                                                     const base::Job& job);

} // namespace lathe::transform
