#pragma once

#include <core/runtime/kernels/kernel.h>

namespace lathe::runtime {

/// Lathe's own linear layer of bytes: exact on every CPU, any form that Int8Layer describes, also with a range for each row.
[[nodiscard]] KernelDefinition int8Linear();

} // namespace lathe::runtime
