#pragma once

#include <span>
#include <string_view>
#include <vector>

#include <core/runtime/kernels/kernel.h>

namespace lathe::runtime {

/// All kernels.
[[nodiscard]] const std::vector<KernelDefinition>& kernels();

/// Those that compute nodes of an operator, in the order of the table; the library's own operator for all that Lathe has no kernel for.
[[nodiscard]] std::span<const KernelDefinition* const> kernelsFor(std::string_view op);

} // namespace lathe::runtime
