#pragma once

#include <core/transform/prune/criteria/criterion.h>

namespace lathe::transform {

/// The share that a channel has of the squares of those that are at least as large: ‖c‖² / Σ ‖d‖² over all d with ‖d‖ ≥ ‖c‖, in
/// (0, 1]. Ranks a group as the L2 norm does; ranked together, no group loses its largest channel before others lose theirs, and the ratios
/// of the layers follow from the weights. J. Lee et al., Layer-adaptive Sparsity for the Magnitude-based Pruning, ICLR 2021, for channels
/// instead of weights. Zeros are 0.
extern const Criterion lamp;

} // namespace lathe::transform
