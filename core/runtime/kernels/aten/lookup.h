#pragma once

#include <core/runtime/kernels/kernel.h>

namespace lathe::runtime {

/// A weight that shares its numbers, looked up in each call: for plans that train, where the gradient of a number of the codebook is the
/// sum of those of all weights that are this number (S. Han et al., Deep Compression, arXiv:1510.00149, §3.3). Others have it restored
/// before (lowering/restored_weights.h).
[[nodiscard]] KernelDefinition lookup();

} // namespace lathe::runtime
