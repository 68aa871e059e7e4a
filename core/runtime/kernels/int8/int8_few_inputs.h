#pragma once

#include <core/runtime/kernels/kernel.h>

namespace lathe::runtime {

/// First layers of grey pictures and the like: convolutions whose pixels are a few bytes apart.
[[nodiscard]] KernelDefinition int8FewInputs();

} // namespace lathe::runtime
