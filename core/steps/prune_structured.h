#pragma once

#include <core/steps/step_definition.h>

namespace lathe::steps {

/// Removes whole output channels, with everything that depends on them (dependency_groups.h): weights, biases and batch norms really
/// shrink, and so do the inputs of the layers that read them. What feeds a model output keeps its channels. Importance of a channel: the
/// sum over the group's layers of the L1 norm of its filter and of the weights that read it (H. Li et al., Pruning Filters for Efficient
/// ConvNets, ICLR 2017, extended to groups); "l2": the square root of the sum of squares. Of n channels ⌊n · (1 − ratio)⌋ are kept, rounded
/// up to a multiple of "round_to", at least one. When layers of a group have ratios of their own, the smallest of those counts; a skipped
/// layer keeps its whole group. Per layer: loss (½‖removed weights‖²), signal, sqnr_db, channels_before, channels_after, and a note for
/// each layer that keeps its channels or loses another share than it asks for. Rejected for NaN weights.
[[nodiscard]] StepDefinition pruneStructured();

} // namespace lathe::steps
