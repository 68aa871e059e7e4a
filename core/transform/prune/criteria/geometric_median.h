#pragma once

#include <core/transform/prune/criteria/criterion.h>

namespace lathe::transform {

/// The sum of the distances of a channel's filters to those of all other channels, over all layers that make or read the group's channels:
/// the lowest are nearest to the geometric median, and the others can stand in for them. Y. He et al., Filter Pruning via Geometric Median
/// for Deep Neural Networks Acceleration, CVPR 2019, extended to groups. Takes channels² · weights operations.
extern const Criterion geometricMedian;

} // namespace lathe::transform
