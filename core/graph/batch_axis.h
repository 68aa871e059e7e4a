#pragma once

#include <string_view>
#include <vector>

#include <core/graph/call_shape.h>
#include <core/graph/graph.h>

namespace lathe::graph {

/// What the number of samples is called where the file of a model has no name for it.
inline constexpr std::string_view batchSymbol = "batch";

/// The dimension whose free size is called after the batch: "batch", "batch_size", "decoder_batch", and "N" or "B" in front or behind a
/// time. Nothing where none is.
[[nodiscard]] BatchAxis namedBatchAxis(const std::vector<Dim>& shape);

/// Along which dimension of an input samples stand, as far as the graph tells: by the name of a free size, by the one free size that all
/// inputs have in common, or by the recurrent layers that the input or what is made of it step by step goes into (sequences of [time,
/// batch, features] unless they are batch first, states of [layers, batch, hidden]). Nothing: it does not tell. Never "there is none".
[[nodiscard]] BatchAxis batchAxis(const Graph& graph, const UseIndex& uses, ValueId input);

} // namespace lathe::graph
