#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace lathe::views {

/// One choice: `cost` should be small, `value` great.
struct ParetoPoint {
    double cost = 0, value = 0;
};

/// Indices of the points that no other point beats (at least as good in both and better in one), by rising cost; equal points are all on
/// the front. Points that are not finite are left out. O(n log n).
[[nodiscard]] std::vector<std::size_t> paretoFront(std::span<const ParetoPoint> points);

} // namespace lathe::views
