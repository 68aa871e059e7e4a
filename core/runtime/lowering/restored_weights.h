#pragma once

#include <optional>

#include <core/runtime/lowering/lower.h>

namespace lathe::runtime {

/// The graph in which weights that share their numbers (lathe::lookup) are plain ones: what a plan for inference is made of, so that every
/// kernel has them as it has others. All value ids stay valid. Nothing when there are no such weights.
[[nodiscard]] std::optional<graph::Graph> withRestoredWeights(const graph::Graph& graph);

/// Says of each layer that reads such a weight of `original` that it was restored.
void noteRestoredWeights(Lowered& lowered, const graph::Graph& original);

} // namespace lathe::runtime
