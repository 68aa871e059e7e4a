#pragma once

#include <cstdint>
#include <vector>

#include <core/graph/graph.h>

namespace lathe::graph {

/// Which values people count as parameters, by ValueId: what a file calls one, and constants of any kind that layers take their numbers
/// from. Traced and exported models often hold their weights as plain constants. A constant counts when it is floating-point (or the
/// integers of a quantized weight) and reaches, at most through operators that move or dequantize values, the weight or bias of a
/// convolution, linear layer, recurrent layer, embedding or normalization, or a matrix product. Of weights that share their numbers the
/// indices count. Not counted: running means and variances, scales and zero points, codebooks, numbers of shapes.
[[nodiscard]] std::vector<bool> parameters(const Graph& graph);

/// Elements of all parameters, shared storage counted once; of indices as many as there are weights.
[[nodiscard]] std::int64_t parameterCount(const Graph& graph);

} // namespace lathe::graph
