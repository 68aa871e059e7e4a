#pragma once

#include <cstdint>

#include <core/runtime/kernels/int8/int8_kernel.h>

namespace lathe::runtime {

/// scale · (byte − zeroPoint)
struct ByteOperand {
    float scale = 1;
    std::int32_t zeroPoint = 0;
};

/// Rows of bytes with one row of bytes, element by element: r = left op right in float32, each step rounded as in simulation; the byte is
/// round half to even(clamp(r · inverseScale, low, high)) + zeroPoint.
struct ByteArithmetic {
    ByteOperand left, right;
    float inverseScale = 1, low = 0, high = 255;
    std::int32_t zeroPoint = 0;
};

/// `left` and `out` are `rows` rows of `count` bytes, `right` is one.
void addBytes(const ByteArithmetic& numbers, const std::uint8_t* left, const std::uint8_t* right, std::int64_t rows, std::int64_t count,
              std::uint8_t* out, Int8Instructions instructions = int8Instructions());
void multiplyBytes(const ByteArithmetic& numbers, const std::uint8_t* left, const std::uint8_t* right, std::int64_t rows,
                   std::int64_t count, std::uint8_t* out, Int8Instructions instructions = int8Instructions());

} // namespace lathe::runtime
