#pragma once

#include <core/transform/prune/criteria/criterion.h>

namespace lathe::transform {

/// The magnitude of the scales that batch and instance norms multiply the channel by, summed over the norms of the group: those that
/// training made small go. Groups without such a norm have no scores. Before batch norms are folded. Z. Liu et al., Learning Efficient
/// Convolutional Networks through Network Slimming, ICCV 2017; scores of all groups compare as they are, as there.
extern const Criterion batchNormScale;

} // namespace lathe::transform
