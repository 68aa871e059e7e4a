#pragma once

#include <span>

#include <core/base/job.h>
#include <core/base/result.h>
#include <core/transform/prune/layer_times.h>
#include <core/transform/prune/selection.h>

namespace lathe::transform {

/// What goes so that a call takes less.
struct LatencySelection {
    std::vector<GroupChoice> choices; ///< one for each candidate
    bool isReached = true;            ///< by what was measured (within 3 %)
    bool isAll = false;               ///< everything goes that may
    double predicted = 1;             ///< share of the time that is left, by the times of its layers
    double measured = 1;              ///< by both models in turns
    double denseMs = 0, leftMs = 0;   ///< of a call
};

/// The least that goes (selection.h) with which a call takes at most 1 − ratio of its time. The time of a model is that of its layers, each
/// measured alone with the sizes that it would have (layer_times.h), that of a call of nothing, and of what stands between the layers, as
/// much as there are numbers there. Widths are multiples of at least an eighth of the group's channels (rounded up to a power of two), and
/// of `options.multiple`. In the end a group gets back what costs next to nothing: of its width, the next one, the next multiple of two
/// such steps and all channels, the widest is taken that takes within 3 % of the fastest of them, or within its part (one of as many as
/// there are groups) of 3 % of the whole model, unless all that may go is needed. So a width that is slower than a wider one of these is
/// never chosen, and layers whose time does not matter keep their channels.
///
/// What layers take together is not quite what they take alone: the pruned model is measured beside the dense one, and when it is not what
/// was predicted, the target moves by what is between both, within those that were enough and that were not, and what goes is chosen anew,
/// up to eight times. Of the choices that reach the target the slowest is taken, otherwise the fastest. Groups with ratios of their own
/// keep to them. For the same times the same result. Errors: Cancelled, those of `time`.
[[nodiscard]] base::Result<LatencySelection> selectToLatency(const graph::Graph& graph, std::span<const Candidate> candidates,
                                                             const SelectionOptions& options, const TimeGraphs& time, const base::Job& job);

} // namespace lathe::transform
