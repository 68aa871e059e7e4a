#pragma once

#include <core/base/result.h>
#include <core/graph/graph.h>

namespace lathe::transform {

/// Folds every batch norm that follows a convolution or a linear layer into that layer's weight and bias and removes it:
///   s = γ / √(σ² + ε),  w' = s·w (per output channel),  b' = s·(b − μ) + β,
/// computed in float64. A missing bias is added. Folded are batch norms in evaluation mode with running statistics whose input is used by
/// nothing else; after a linear layer only on 2-d values, where channel and feature are the same dimension. A weight that other layers use
/// too is copied. Returns the number of batch norms removed. Rejected when the folded weight would not be finite; the graph is unusable
/// then.
[[nodiscard]] base::Result<int> foldBatchNorm(graph::Graph& graph);

} // namespace lathe::transform
