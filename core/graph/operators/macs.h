#pragma once

#include <core/graph/graph.h>

namespace lathe::graph {

/// Multiply-accumulate operations of one node for the batch in its shapes, from operand and result shapes; nothing when a shape is unknown.
/// A batch without a size (a symbol as the first dimension of the model's first input) counts as one sample.
/// Convolution, linear layers, matrix products, recurrent layers and attention are counted, all others are 0 (as fvcore and ptflops do by
/// default for MACs); the families' rows say how.
[[nodiscard]] std::optional<std::int64_t> macs(const Graph& graph, const Node& node);

/// For the rows: the shape of an operand that is a tensor, in which a free batch counts as one sample.
[[nodiscard]] std::optional<tensor::Shape> countedShape(const Graph& graph, const Operand& operand);

} // namespace lathe::graph
