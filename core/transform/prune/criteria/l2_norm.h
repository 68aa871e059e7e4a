#pragma once

#include <core/transform/prune/criteria/criterion.h>

namespace lathe::transform {

/// The square root of the sum of the squares of a channel's filters and of the weights that read it, over all layers of the group. Biases
/// and norms do not count.
extern const Criterion l2Norm;

/// Its squares.
[[nodiscard]] std::vector<double> squaredNorms(const GroupWeights& weights);

} // namespace lathe::transform
