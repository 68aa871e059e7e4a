#pragma once

#include <core/transform/prune/criteria/criterion.h>

namespace lathe::transform {

/// The sum of the magnitudes of a channel's filters and of the weights that read it, over all layers of the group. Biases and norms do not
/// count. H. Li et al., Pruning Filters for Efficient ConvNets, ICLR 2017, extended to groups (G. Fang et al., DepGraph, CVPR 2023).
extern const Criterion l1Norm;

} // namespace lathe::transform
