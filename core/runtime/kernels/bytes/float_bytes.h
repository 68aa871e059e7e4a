#pragma once

#include <cstdint>

#include <core/runtime/kernels/int8/int8_kernel.h>

namespace lathe::runtime {

/// clamp(round half to even(x · inverseScale) + zeroPoint, minimum, maximum); NaN becomes the zero point.
void quantizeFloats(const float* values, std::int64_t count, float inverseScale, std::int32_t zeroPoint, std::int32_t minimum,
                    std::int32_t maximum, std::uint8_t* out, Int8Instructions instructions);

/// The same for pixels `pixels` of an image whose channels lie one behind the other, `planeSize` numbers from one to the next: `out` gets
/// the bytes of all channels of a pixel side by side, from the first of these pixels on.
void quantizePlanes(const float* planes, std::int64_t channels, std::int64_t planeSize, ItemRange pixels, float inverseScale,
                    std::int32_t zeroPoint, std::int32_t minimum, std::int32_t maximum, std::uint8_t* out, Int8Instructions instructions);

/// Smallest and largest of numbers and zero. The two mean nothing when not all numbers are finite.
struct FloatRange {
    float low = 0, high = 0;
    bool isFinite = true;
};
[[nodiscard]] FloatRange floatRange(const float* values, std::int64_t count, Int8Instructions instructions);

} // namespace lathe::runtime
