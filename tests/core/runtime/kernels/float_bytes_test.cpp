#include <core/runtime/kernels/bytes/float_bytes.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <random>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace lathe::runtime {
namespace {

const std::vector<Int8Instructions> variants = {Int8Instructions::Portable, int8Instructions()};

TEST(FloatBytes, QuantizesAsTheReferenceDoes) {
    const float inf = std::numeric_limits<float>::infinity();
    std::vector<float> values = {0.0f, -0.0f,         0.5f,   1.5f,   2.5f,  -0.5f,  1e30f,  -1e30f, inf,
                                 -inf, std::nanf(""), 127.4f, 127.5f, -3.5f, 254.5f, 255.5f, 12.3f};
    std::mt19937 engine(7);
    std::uniform_int_distribution<int> numbers(-3000, 3000);
    for (int index = 0; index < 100; ++index)
        values.push_back(static_cast<float>(numbers(engine)) * 0.1f);
    for (const Int8Instructions instructions : variants) {
        for (const auto& [zeroPoint, low, high] :
             std::vector<std::array<std::int32_t, 3>>{{0, 0, 255}, {128, 0, 255}, {10, 0, 127}, {5, 3, 20}}) {
            for (const std::size_t count : {std::size_t{0}, std::size_t{1}, std::size_t{8}, std::size_t{13}, values.size()}) {
                std::vector<std::uint8_t> bytes(count + 1, 99);
                quantizeFloats(values.data(), static_cast<std::int64_t>(count), 1.0f, zeroPoint, low, high, bytes.data(), instructions);
                EXPECT_EQ(bytes.back(), 99);
                for (std::size_t index = 0; index < count; ++index) {
                    const double wanted =
                        std::isnan(values[index]) ? zeroPoint : std::nearbyint(static_cast<double>(values[index])) + zeroPoint;
                    ASSERT_EQ(bytes[index], std::fmin(std::fmax(wanted, low), high)) << values[index];
                }
            }
        }
    }
}

TEST(FloatBytes, PlanesBecomePixels) {
    for (const Int8Instructions instructions : variants) {
        for (const std::int64_t channels : {1, 2, 3, 4, 7}) {
            for (const std::int64_t size : {1, 15, 16, 17, 3000, 9001}) {
                std::vector<float> planes(static_cast<std::size_t>(channels * size));
                for (std::size_t at = 0; at < planes.size(); ++at)
                    planes[at] = static_cast<float>(at * 131 % 977) * 0.3F - 20;
                for (const ItemRange pixels : {ItemRange{0, size}, ItemRange{size / 3, size - size / 4}}) {
                    const std::int64_t count = pixels.end - pixels.begin;
                    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(count * channels + 1), 99);
                    quantizePlanes(planes.data(), channels, size, pixels, 0.9F, 40, 3, 250, bytes.data(), instructions);
                    ASSERT_EQ(bytes.back(), 99) << "wrote behind the end";
                    for (std::int64_t at = 0; at < count * channels; ++at) {
                        const float* const value = planes.data() + at % channels * size + pixels.begin + at / channels;
                        std::uint8_t wanted = 0;
                        quantizeFloats(value, 1, 0.9F, 40, 3, 250, &wanted, Int8Instructions::Portable);
                        ASSERT_EQ(bytes[static_cast<std::size_t>(at)], wanted) << channels << " channels, " << size << ", byte " << at;
                    }
                }
            }
        }
    }
}

TEST(FloatBytes, RangesOfNumbers) {
    constexpr float infinity = std::numeric_limits<float>::infinity();
    for (const Int8Instructions instructions : variants) {
        for (const std::int64_t count : {0, 1, 7, 8, 9, 16, 33}) {
            std::vector<float> values(static_cast<std::size_t>(count));
            for (std::size_t at = 0; at < values.size(); ++at)
                values[at] = static_cast<float>(at * 37 % 19) - 9;
            const auto expect = [&](bool isFinite) {
                float low = 0, high = 0;
                for (const float value : values) {
                    low = std::min(low, value);
                    high = std::max(high, value);
                }
                const FloatRange range = floatRange(values.data(), count, instructions);
                EXPECT_EQ(range.isFinite, isFinite) << count;
                if (!isFinite) return;
                EXPECT_EQ(range.low, low) << count;
                EXPECT_EQ(range.high, high) << count;
            };
            expect(true);
            for (const float bad : {infinity, -infinity, std::nanf("")}) {
                for (std::size_t at = 0; at < values.size(); ++at) {
                    const float before = std::exchange(values[at], bad);
                    expect(false);
                    values[at] = before;
                }
            }
            for (float& value : values)
                value = std::fabs(value) + 1;
            expect(true); // zero is part of every range
        }
    }
}

} // namespace
} // namespace lathe::runtime
