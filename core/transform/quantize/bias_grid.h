#pragma once

#include <cstdint>

#include <core/graph/graph.h>

namespace lathe::transform {

/// Rounds the biases of layers whose input and weight are on static grids to scale(input) · scale(weight of the channel), the unit that
/// integer kernels add them in (Jacob et al., Quantization and training of neural networks for efficient integer-arithmetic-only inference,
/// arXiv:1712.05877, section 2.4). They stay floats, of at most half a unit's difference; but every engine then adds the same number,
/// while each would round one between two units its own way, which moves results by a step and, in a deep model, everything behind them.
/// A bias that other nodes read too gets a copy. Left as they are: biases beyond 32 bits of that unit, or that are not float32. Returns how
/// many were rounded.
std::int64_t roundBiases(graph::Graph& graph);

} // namespace lathe::transform
