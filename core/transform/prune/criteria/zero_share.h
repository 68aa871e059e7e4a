#pragma once

#include <core/transform/prune/criteria/criterion.h>

namespace lathe::transform {

/// How often a channel is not zero on samples, where the layers that read it see it: 1 − APoZ, the average percentage of zeros. For
/// channels behind ReLU and what else gives exact zeros (ReLU6, Hardswish). Behind functions that are never zero (GELU, SiLU, tanh) there
/// is nothing to go by, and no score. H. Hu et al., Network Trimming, arXiv:1607.03250.
extern const Criterion zeroShare;

} // namespace lathe::transform
