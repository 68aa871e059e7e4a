#pragma once

#include <core/transform/prune/criteria/criterion.h>

namespace lathe::transform {

/// The first order of what the loss of a sample changes by when the channel goes, squared: (Σ g·w)² over what each node of the group loses
/// with it (filters and biases, the scales and shifts of norms, the weights that read it), summed over the nodes and over the samples. P.
/// Molchanov et al., Importance Estimation for Neural Network Pruning, CVPR 2019 (its group form, equation 8). Scores of all groups compare
/// as they are, as there.
extern const Criterion taylor;

} // namespace lathe::transform
