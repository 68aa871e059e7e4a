#pragma once

#include <cstdint>

/// What fits into sums of 16 bits (acc16_weights.h).
namespace lathe::runtime::acc16 {

inline constexpr int highest = 32767, range = 65535;

/// Where a sum of products begins whose weights of each sign come to these magnitudes, so that its least value is as far above the lowest
/// number of 16 bits as its largest is below the highest. largestInput · (positive + negative) must be within `range`.
constexpr std::int16_t start(int positive, int negative, int largestInput) {
    const int twice = largestInput * (negative - positive);
    return static_cast<std::int16_t>(twice >= 0 ? twice / 2 : -((1 - twice) / 2));
}

} // namespace lathe::runtime::acc16
