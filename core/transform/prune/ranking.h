#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace lathe::transform {

/// Positions of the `count` lowest scores, ascending; among equal scores the lower position comes first, so that the result never depends
/// on the sort.
[[nodiscard]] std::vector<std::size_t> lowest(std::span<const double> scores, std::size_t count);

/// `count` scores in [0, 1) that are always the same for one name: the criterion "random", the control that every other criterion must
/// beat.
[[nodiscard]] std::vector<double> randomScores(std::string_view name, std::size_t count);

/// ⌊ratio · count⌋, forgiving the last bit of the product (0.3 · 10 is 3).
[[nodiscard]] std::size_t shareOf(double ratio, std::size_t count);

} // namespace lathe::transform
