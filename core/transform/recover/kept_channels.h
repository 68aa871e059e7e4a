#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace lathe::transform {

/// Which of the channels `before` are left in `after`, by a number of each (their biases): pruning keeps numbers and order. Nothing when
/// that cannot be said for certain: a number that was not there, or equal ones of which either could have stayed.
[[nodiscard]] std::optional<std::vector<std::size_t>> keptChannels(std::span<const double> before, std::span<const double> after);

} // namespace lathe::transform
