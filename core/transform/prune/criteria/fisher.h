#pragma once

#include <core/transform/prune/criteria/criterion.h>

namespace lathe::transform {

/// The second order of what the loss changes by when the channel goes, with the diagonal of the empirical Fisher information in the place
/// of the Hessian's: ½ Σ g²·w² over all weights that the group loses with it, g the gradient of one sample's loss, summed over the samples.
/// Y. LeCun et al., Optimal Brain Damage, NIPS 1989; the squares of gradients in the place of second derivatives: L. Theis et al., Faster
/// gaze prediction with dense networks and Fisher pruning, arXiv:1801.05787. Scores of all groups compare as they are.
extern const Criterion fisher;

} // namespace lathe::transform
