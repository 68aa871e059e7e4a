#pragma once

#include <memory>

#include <core/transform/factorize/factorization.h>

namespace lathe::transform {

/// Tucker-2: factors along outputs and inputs, the kernel stays. The rank is that of the outputs; that of the inputs is the smallest that
/// keeps as large a share of the energy. Each group has factors of its own, of the same size.
[[nodiscard]] std::unique_ptr<Factorization> makeTucker(Filters filters, int rounds);

} // namespace lathe::transform
