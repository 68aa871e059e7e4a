#pragma once

#include <core/transform/prune/criteria/criterion.h>

namespace lathe::transform {

/// The mean magnitude of a channel on samples, where the layers that read it see it. P. Molchanov et al., Pruning Convolutional Neural
/// Networks for Resource Efficient Inference, ICLR 2017 (one of the criteria that it compares).
extern const Criterion meanActivation;

} // namespace lathe::transform
