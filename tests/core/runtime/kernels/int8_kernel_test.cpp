#include <core/runtime/kernels/cpu/int8_kernel.h>

#include <cmath>
#include <limits>
#include <random>
#include <utility>

#include <gtest/gtest.h>

namespace lathe::runtime {
namespace {

struct Numbers {
    std::mt19937 engine{7};
    std::int16_t integer(int low, int high) { return static_cast<std::int16_t>(std::uniform_int_distribution<int>(low, high)(engine)); }
    std::vector<std::int16_t> integers(std::int64_t count, int low, int high) {
        std::vector<std::int16_t> values(static_cast<std::size_t>(count));
        for (auto& value : values)
            value = integer(low, high);
        return values;
    }
};

/// One output of a convolution over a padded channels-last image, by its definition.
std::int64_t slowSum(const ConvolutionShape& shape, const std::vector<std::int16_t>& weights, const std::vector<std::int16_t>& image,
                     std::int64_t paddedWidth, std::int64_t out, std::int64_t row, std::int64_t column) {
    const std::int64_t inPerGroup = shape.inChannels / shape.groups;
    const std::int64_t group = out / (shape.outChannels / shape.groups);
    std::int64_t sum = 0;
    for (std::int64_t in = 0; in < inPerGroup; ++in) {
        for (std::int64_t y = 0; y < shape.window.kernelHeight; ++y) {
            for (std::int64_t x = 0; x < shape.window.kernelWidth; ++x) {
                const std::int64_t pixel = (row * shape.window.strideHeight + y * shape.window.dilationHeight) * paddedWidth +
                                           column * shape.window.strideWidth + x * shape.window.dilationWidth;
                sum += image[static_cast<std::size_t>(pixel * shape.inChannels + group * inPerGroup + in)] *
                       weights[static_cast<std::size_t>(
                           ((out * inPerGroup + in) * shape.window.kernelHeight + y) * shape.window.kernelWidth + x)];
            }
        }
    }
    return sum;
}

const std::vector<ConvolutionShape> shapes = {
    {1, 1, 1, 1, 1}, {1, 6, 1, 5, 5}, {3, 8, 1, 3, 3, 2, 2}, {7, 17, 1, 2, 3, 1, 2}, {4, 9, 1, 3, 3, 1, 1, 0, 0, 2, 2},
    {6, 9, 3, 3, 3}, {8, 8, 8, 3, 3}, {40, 33, 1, 1, 1},
};

std::vector<Int8Instructions> variants() {
    std::vector<Int8Instructions> all = {Int8Instructions::Portable};
    if (int8Instructions() == Int8Instructions::Avx2) all.push_back(Int8Instructions::Avx2);
    return all;
}

TEST(Int8Kernel, ConvolutionIsTheSlowReference) {
    Numbers numbers;
    for (const ConvolutionShape& shape : shapes) {
        const std::int64_t height = 9;
        const std::int64_t width = 12;
        const auto weights = numbers.integers(
            shape.outChannels * shape.inChannels / shape.groups * shape.window.kernelHeight * shape.window.kernelWidth, -255, 255);
        auto image = numbers.integers(height * width * shape.inChannels, -255, 255);
        image.resize(image.size() + int8ReadAhead, 12345); // must not count
        const Int8Weights packed(shape, weights);
        const std::int64_t outWidth = shape.window.outWidth(width);
        const std::vector<float> ones(static_cast<std::size_t>(shape.outChannels + int8ScaleReadAhead), 1.0f);
        const std::vector<float> zeros(static_cast<std::size_t>(shape.outChannels + int8ScaleReadAhead), 0.0f);
        for (const Int8Instructions instructions : variants()) {
            std::vector<float> sums(static_cast<std::size_t>(outWidth * shape.outChannels), -1);
            for (std::int64_t row = 0; row < shape.window.outHeight(height); ++row) {
                const Int8Output output{ones, zeros, -1e30f, 1e30f, 0, nullptr, sums.data()};
                convolveRow(packed, image.data() + row * shape.window.strideHeight * width * shape.inChannels,
                            packed.segmentOffsets(width * shape.inChannels), outWidth, output, instructions);
                for (std::int64_t column = 0; column < outWidth; ++column) {
                    for (std::int64_t out = 0; out < shape.outChannels; ++out) {
                        ASSERT_EQ(sums[static_cast<std::size_t>(column * shape.outChannels + out)],
                                  static_cast<float>(slowSum(shape, weights, image, width, out, row, column)))
                            << "channels " << shape.inChannels << " to " << shape.outChannels << ", pixel " << row << ", " << column
                            << ", channel " << out;
                    }
                }
            }
        }
    }
}

TEST(Int8Kernel, LargestProductsDoNotSaturate) {
    const ConvolutionShape shape{1000, 8};
    const std::vector<std::int16_t> weights(8000, 127);
    const std::vector<std::int16_t> inputs(1000 + int8ReadAhead, 255);
    const Int8Weights packed(shape, weights);
    const std::vector<float> ones(8 + int8ScaleReadAhead, 1.0f);
    const std::vector<float> zeros(8 + int8ScaleReadAhead, 0.0f);
    for (const Int8Instructions instructions : variants()) {
        std::vector<float> sums(8);
        linearRows(packed, inputs.data(), 1000, 1, {ones, zeros, -1e30f, 1e30f, 0, nullptr, sums.data()}, instructions);
        for (const float sum : sums)
            EXPECT_EQ(sum, 1000.0f * 255 * 127);
    }
}

TEST(Int8Kernel, LinearRowsOfAnyCount) {
    Numbers numbers;
    for (const auto& [inputs, outputs, rows] :
         std::vector<std::array<std::int64_t, 3>>{{1, 1, 1}, {5, 10, 3}, {16, 16, 4}, {33, 21, 7}, {8, 3, 0}}) {
        const ConvolutionShape shape{inputs, outputs};
        const auto weights = numbers.integers(inputs * outputs, -127, 127);
        const auto values = numbers.integers(rows * inputs + int8ReadAhead, -128, 127);
        const Int8Weights packed(shape, weights);
        const std::vector<float> factor(static_cast<std::size_t>(outputs + int8ScaleReadAhead), 0.01f);
        const std::vector<float> offset(static_cast<std::size_t>(outputs + int8ScaleReadAhead), 1.5f);
        std::vector<std::vector<std::uint8_t>> results;
        for (const Int8Instructions instructions : variants()) {
            std::vector<std::uint8_t> bytes(static_cast<std::size_t>(rows * outputs + 1), 77);
            linearRows(packed, values.data(), inputs, rows, {factor, offset, -20, 100, 27, bytes.data(), nullptr}, instructions);
            EXPECT_EQ(bytes.back(), 77) << "wrote behind the end";
            for (std::int64_t row = 0; row < rows; ++row) {
                for (std::int64_t out = 0; out < outputs; ++out) {
                    std::int32_t sum = 0;
                    for (std::int64_t in = 0; in < inputs; ++in)
                        sum += values[static_cast<std::size_t>(row * inputs + in)] * weights[static_cast<std::size_t>(out * inputs + in)];
                    const float expected =
                        std::nearbyintf(std::fmin(std::fmax(std::fma(static_cast<float>(sum), 0.01f, 1.5f), -20.0f), 100.0f)) + 27;
                    ASSERT_EQ(bytes[static_cast<std::size_t>(row * outputs + out)], expected);
                }
            }
        }
    }
}

TEST(Int8Kernel, QuantizesFloatsAsTheReferenceDoes) {
    const float inf = std::numeric_limits<float>::infinity();
    std::vector<float> values = {0.0f, -0.0f,         0.5f,   1.5f,   2.5f,  -0.5f,  1e30f,  -1e30f, inf,
                                 -inf, std::nanf(""), 127.4f, 127.5f, -3.5f, 254.5f, 255.5f, 12.3f};
    Numbers numbers;
    for (int index = 0; index < 100; ++index)
        values.push_back(static_cast<float>(numbers.integer(-3000, 3000)) * 0.1f);
    for (const Int8Instructions instructions : variants()) {
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

TEST(Int8Kernel, WidenSubtractsTheZeroPoint) {
    const std::vector<std::uint8_t> bytes = {0, 1, 127, 128, 255};
    std::vector<std::int16_t> wide(5);
    widen(bytes.data(), 5, 100, wide.data());
    EXPECT_EQ(wide, (std::vector<std::int16_t>{-100, -99, 27, 28, 155}));
}

TEST(Int8Kernel, RangesOfNumbers) {
    constexpr float infinity = std::numeric_limits<float>::infinity();
    for (const Int8Instructions instructions : {Int8Instructions::Portable, int8Instructions()}) {
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
