#pragma once

#include <core/steps/step_definition.h>

namespace lathe::steps {

/// Removes whole output channels, with everything that depends on them (dependency_groups.h): weights, biases and batch norms really
/// shrink, and so do the inputs of the layers that read them. What feeds a model output keeps its channels. How much a channel matters is
/// said by a criterion (transform/prune/criteria), which channels go by transform/prune/selection.h: "ratio" is a share of the channels of
/// each layer, of all layers ranked together ("scope"), or of the parameters, MACs or measured latency of the model ("ratio_of"); "minimum"
/// channels of each layer stay, and their number is rounded up to a multiple of "round_to", with "measure_widths" also to what is fast on
/// this machine (fast_widths.h; decisions/0015); for a latency it always is (latency_target.h), and the outcome says what was predicted and
/// what was measured. A preview, which has no clock, takes MACs for it. When layers of a group have ratios of their own,
/// the smallest of those counts, as a share of the group's channels; a skipped layer keeps its whole group. What is constant in channels
/// that go becomes part of the biases of the layers that read it (constant_channels.h), with a note. Criteria that need data see "samples"
/// of the training split; in a preview L2 norms stand in for them. Per layer: loss (½‖removed weights‖²), signal, sqnr_db, channels_before,
/// channels_after, and a note for each layer that keeps its channels or loses another share than it asks for. Rejected for NaN weights.
[[nodiscard]] StepDefinition pruneStructured();

} // namespace lathe::steps
