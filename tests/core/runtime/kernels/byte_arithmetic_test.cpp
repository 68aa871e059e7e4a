#include <core/runtime/kernels/bytes/byte_arithmetic.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace lathe::runtime {
namespace {

const std::vector<Int8Instructions> variants = {Int8Instructions::Portable, Int8Instructions::Avx2, int8Instructions()};

/// One step after the other, as simulation computes.
std::uint8_t reference(const ByteArithmetic& numbers, bool isSum, std::uint8_t left, std::uint8_t right) {
    const auto real = [](const ByteOperand& operand, std::uint8_t byte) {
        return static_cast<float>(byte - operand.zeroPoint) * operand.scale;
    };
    const float first = real(numbers.left, left), second = real(numbers.right, right);
    const float result = isSum ? first + second : first * second;
    const float limited = std::clamp(result * numbers.inverseScale, numbers.low, numbers.high);
    return static_cast<std::uint8_t>(static_cast<int>(std::nearbyint(limited)) + numbers.zeroPoint);
}

/// Zero points at both ends and between, and results that leave the grid.
const std::vector<ByteArithmetic> forms = {
    {{0.02f, 0}, {0.02f, 0}, 1 / 0.04f, 0, 255, 0},
    {{0.037f, 255}, {0.011f, 17}, 1 / 0.03f, -255, 0, 255},
    {{0.05f, 128}, {0.0039215f, 0}, 1 / 0.021f, -100, 127, 128},
    {{0.5f, 3}, {0.25f, 250}, 1 / 0.125f, -60, 40, 64},
};

TEST(ByteArithmetic, AllPairsAsTheReference) {
    std::vector<std::uint8_t> left(65536), right(65536), out(65536);
    for (std::size_t index = 0; index < left.size(); ++index) {
        left[index] = static_cast<std::uint8_t>(index >> 8);
        right[index] = static_cast<std::uint8_t>(index);
    }
    for (const Int8Instructions instructions : variants) {
        if (instructions > int8Instructions()) continue;
        for (const ByteArithmetic& numbers : forms) {
            for (const bool isSum : {true, false}) {
                (isSum ? addBytes : multiplyBytes)(numbers, left.data(), right.data(), 1, 65536, out.data(), instructions);
                for (std::size_t index = 0; index < out.size(); ++index) {
                    ASSERT_EQ(out[index], reference(numbers, isSum, left[index], right[index]))
                        << int{left[index]} << (isSum ? " + " : " * ") << int{right[index]};
                }
            }
        }
    }
}

TEST(ByteArithmetic, RowsOfAnyLength) {
    for (const Int8Instructions instructions : variants) {
        if (instructions > int8Instructions()) continue;
        for (const std::size_t rows : {0, 1, 3, 2000}) {
            for (std::size_t count = 0; count < 40; ++count) {
                std::vector<std::uint8_t> left(rows * count), right(count), out(rows * count + 1, 99);
                for (std::size_t index = 0; index < left.size(); ++index)
                    left[index] = static_cast<std::uint8_t>(index * 31);
                for (std::size_t index = 0; index < count; ++index)
                    right[index] = static_cast<std::uint8_t>(200 - index);
                multiplyBytes(forms[2], left.data(), right.data(), static_cast<std::int64_t>(rows), static_cast<std::int64_t>(count),
                              out.data(), instructions);
                EXPECT_EQ(out.back(), 99) << count;
                for (std::size_t index = 0; index < left.size(); ++index)
                    ASSERT_EQ(out[index], reference(forms[2], false, left[index], right[index % count])) << rows << " of " << count;
            }
        }
    }
}

} // namespace
} // namespace lathe::runtime
