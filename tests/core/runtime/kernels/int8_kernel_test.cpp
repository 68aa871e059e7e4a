#include <core/runtime/kernels/int8/int8_kernel.h>

#include <array>
#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include <tests/core/runtime/slow_convolution.h>

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

using testing::slowSum;

const std::vector<ConvolutionShape> shapes = {
    {1, 1, 1, 1, 1}, {1, 6, 1, 5, 5}, {3, 8, 1, 3, 3, 2, 2}, {7, 17, 1, 2, 3, 1, 2}, {4, 9, 1, 3, 3, 1, 1, 0, 0, 2, 2},
    {6, 9, 3, 3, 3}, {8, 8, 8, 3, 3}, {40, 33, 1, 1, 1},
};

std::vector<Int8Instructions> variants() {
    std::vector<Int8Instructions> all = {Int8Instructions::Portable};
    for (const Int8Instructions instructions : {Int8Instructions::Avx2, Int8Instructions::Avx512Vnni}) {
        if (instructions <= int8Instructions()) all.push_back(instructions);
    }
    return all;
}

/// Bytes that are words once `zeroPoint` is subtracted, and the other way round.
std::vector<std::uint8_t> asBytes(const std::vector<std::int16_t>& words, std::int32_t zeroPoint) {
    std::vector<std::uint8_t> bytes;
    for (const std::int16_t word : words)
        bytes.push_back(static_cast<std::uint8_t>(word + zeroPoint));
    return bytes;
}

constexpr std::int32_t zeroPoint = 100;

void expectConvolutions(int lowestWeight, int highestWeight, Int8Form formWithVnni) {
    Numbers numbers;
    for (const ConvolutionShape& shape : shapes) {
        const std::int64_t height = 9;
        const std::int64_t width = 12;
        const auto weights =
            numbers.integers(shape.outChannels * shape.inChannels / shape.groups * shape.window.kernelHeight * shape.window.kernelWidth,
                             lowestWeight, highestWeight);
        auto image = numbers.integers(height * width * shape.inChannels, -zeroPoint, 255 - zeroPoint);
        auto bytes = asBytes(image, zeroPoint);
        image.resize(image.size() + int8ReadAhead, 12345); // must not count
        bytes.resize(bytes.size() + int8ReadAhead, 255);
        const std::int64_t outWidth = shape.window.outWidth(width);
        const std::vector<float> ones(static_cast<std::size_t>(shape.outChannels + int8ScaleReadAhead), 1.0f);
        const std::vector<float> zeros(static_cast<std::size_t>(shape.outChannels + int8ScaleReadAhead), 0.0f);
        for (const Int8Instructions instructions : variants()) {
            const Int8Weights packed(shape, weights, instructions);
            EXPECT_EQ(packed.form(), instructions == Int8Instructions::Avx512Vnni ? formWithVnni : Int8Form::Words);
            std::vector<float> sums(static_cast<std::size_t>(outWidth * shape.outChannels), -1);
            for (std::int64_t row = 0; row < shape.window.outHeight(height); ++row) {
                const Int8Output output{ones, zeros, -1e30f, 1e30f, 0, nullptr, sums.data()};
                const std::int64_t at = row * shape.window.strideHeight * width * shape.inChannels;
                std::vector<std::int64_t> segments;
                packed.segmentOffsets(width * shape.inChannels, segments);
                if (packed.form() == Int8Form::Bytes)
                    convolveRow(packed, bytes.data() + at, segments, outWidth, {zeroPoint}, output);
                else
                    convolveRow(packed, image.data() + at, segments, outWidth, {}, output);
                for (std::int64_t column = 0; column < outWidth; ++column) {
                    for (std::int64_t out = 0; out < shape.outChannels; ++out) {
                        ASSERT_EQ(sums[static_cast<std::size_t>(column * shape.outChannels + out)],
                                  static_cast<float>(slowSum(shape, weights, image, width, 0, out, row, column)))
                            << "channels " << shape.inChannels << " to " << shape.outChannels << ", pixel " << row << ", " << column
                            << ", channel " << out;
                    }
                }
            }
        }
    }
}

TEST(Int8Kernel, ConvolutionIsTheSlowReference) { expectConvolutions(-128, 127, Int8Form::Bytes); }

/// Bytes of whole blocks and of others, with and without bytes that are added, are those of the portable kernel.
TEST(Int8Kernel, BytesAreThoseOfThePortableKernel) {
    Numbers numbers;
    for (const auto& [inputs, outputs, rows] : std::vector<std::array<std::int64_t, 3>>{
             {16, 96, 50}, {3, 16, 13}, {24, 32, 1}, {64, 48, 7}, {33, 80, 12}, {8, 24, 9}, {40, 40, 31}, {5, 64, 0}}) {
        const ConvolutionShape shape{inputs, outputs};
        const auto weights = numbers.integers(inputs * outputs, -128, 127);
        const auto values = numbers.integers(rows * inputs + int8ReadAhead, -zeroPoint, 255 - zeroPoint);
        const auto bytes = asBytes(values, zeroPoint);
        const auto added = asBytes(numbers.integers(rows * outputs, 0, 255), 0);
        for (const auto& [scale, shift, low, high] : testing::byteForms) {
            std::vector<float> factor(static_cast<std::size_t>(outputs + int8ScaleReadAhead), scale), offset(factor.size(), shift);
            for (std::size_t channel = 0; channel < factor.size(); ++channel) {
                factor[channel] *= 1 + static_cast<float>(channel % 5) / 7;
                offset[channel] *= static_cast<float>(channel % 3) - 1;
            }
            for (const bool adds : {false, true}) {
                Int8Output output{factor, offset, low, high, testing::byteFormZeroPoint};
                if (adds) output.residual = {.bytes = added.data(), .floats = nullptr, .zeroPoint = 12, .factor = 0.3F};
                std::vector<std::uint8_t> wanted;
                for (const Int8Instructions instructions : variants()) { // the portable ones come first
                    const Int8Weights packed(shape, weights, instructions);
                    std::vector<std::uint8_t> results(static_cast<std::size_t>(rows * outputs + 1), 7);
                    output.bytes = results.data();
                    if (packed.form() == Int8Form::Bytes)
                        linearRows(packed, bytes.data(), inputs, rows, {0, packed.blocksPerGroup()}, {zeroPoint}, output);
                    else
                        linearRows(packed, values.data(), inputs, rows, {0, packed.blocksPerGroup()}, {}, output);
                    EXPECT_EQ(results.back(), 7) << "wrote behind the end";
                    if (wanted.empty()) wanted = results;
                    EXPECT_EQ(results, wanted) << inputs << " to " << outputs << ", " << rows << " rows, " << adds;
                }
            }
        }
    }
}

TEST(Int8Kernel, WeightsThatAreNoBytesAreWords) { expectConvolutions(-255, 255, Int8Form::Words); }

TEST(Int8Kernel, LargestProductsDoNotSaturate) {
    const ConvolutionShape shape{1000, 8};
    const std::vector<std::int16_t> weights(8000, 127);
    const std::vector<std::int16_t> inputs(1000 + int8ReadAhead, 255);
    const std::vector<std::uint8_t> bytes = asBytes(inputs, 0);
    const std::vector<float> ones(8 + int8ScaleReadAhead, 1.0f);
    const std::vector<float> zeros(8 + int8ScaleReadAhead, 0.0f);
    for (const Int8Instructions instructions : variants()) {
        const Int8Weights packed(shape, weights, instructions);
        std::vector<float> sums(8);
        const Int8Output output{ones, zeros, -1e30f, 1e30f, 0, nullptr, sums.data()};
        if (packed.form() == Int8Form::Bytes)
            linearRows(packed, bytes.data(), 1000, 1, {0, 1}, {}, output);
        else
            linearRows(packed, inputs.data(), 1000, 1, {0, 1}, {}, output);
        for (const float sum : sums)
            EXPECT_EQ(sum, 1000.0f * 255 * 127);
    }
}

TEST(Int8Kernel, LinearRowsOfAnyCountAndScale) {
    Numbers numbers;
    for (const auto& [inputs, outputs, rows] :
         std::vector<std::array<std::int64_t, 3>>{{1, 1, 1}, {5, 10, 3}, {16, 16, 4}, {33, 21, 7}, {18, 35, 21}, {12, 40, 2}, {8, 3, 0}}) {
        const ConvolutionShape shape{inputs, outputs};
        const auto weights = numbers.integers(inputs * outputs, -127, 127);
        const auto values = numbers.integers(rows * inputs + int8ReadAhead, -100, 127);
        const auto bytes = asBytes(values, zeroPoint);
        // Each row may have its own zero point and factor: those of row r are zeroPoint - r and 1 + r / 8.
        std::vector<std::int32_t> rowZeroPoints;
        std::vector<float> rowFactors;
        for (std::int32_t row = 0; row < rows; ++row) {
            rowZeroPoints.push_back(zeroPoint - row);
            rowFactors.push_back(1 + static_cast<float>(row) / 8);
        }
        const std::vector<float> factor(static_cast<std::size_t>(outputs + int8ScaleReadAhead), 0.01f);
        const std::vector<float> offset(static_cast<std::size_t>(outputs + int8ScaleReadAhead), 1.5f);
        for (const Int8Instructions instructions : variants()) {
            const Int8Weights packed(shape, weights, instructions);
            for (const bool isPerRow : {false, true}) {
                const Int8InputZeroPoint inputZeroPoint{zeroPoint, isPerRow ? rowZeroPoints.data() : nullptr};
                std::vector<std::int16_t> words = values;
                for (std::int64_t row = 0; isPerRow && row < rows; ++row) {
                    for (std::int64_t in = 0; in < inputs; ++in)
                        words[static_cast<std::size_t>(row * inputs + in)] += static_cast<std::int16_t>(row);
                }
                std::vector<std::uint8_t> result(static_cast<std::size_t>(rows * outputs + 1), 77);
                Int8Output output{factor, offset, -20, 100, 27, result.data(), nullptr};
                if (isPerRow) output.rowFactor = rowFactors.data();
                // In two calls, as threads share the channels.
                const std::int64_t half = packed.blocksPerGroup() / 2;
                for (const ItemRange range : {ItemRange{half, packed.blocksPerGroup()}, ItemRange{0, half}}) {
                    if (packed.form() == Int8Form::Bytes)
                        linearRows(packed, bytes.data(), inputs, rows, range, inputZeroPoint, output);
                    else
                        linearRows(packed, words.data(), inputs, rows, range, {}, output);
                }
                EXPECT_EQ(result.back(), 77) << "wrote behind the end";
                for (std::int64_t row = 0; row < rows; ++row) {
                    const float scale = 0.01f * (isPerRow ? rowFactors[static_cast<std::size_t>(row)] : 1.0f);
                    for (std::int64_t out = 0; out < outputs; ++out) {
                        std::int32_t sum = 0;
                        for (std::int64_t in = 0; in < inputs; ++in)
                            sum +=
                                words[static_cast<std::size_t>(row * inputs + in)] * weights[static_cast<std::size_t>(out * inputs + in)];
                        const float exact = std::fma(static_cast<float>(sum), scale, 1.5f);
                        ASSERT_EQ(result[static_cast<std::size_t>(row * outputs + out)],
                                  std::nearbyintf(std::fmin(std::fmax(exact, -20.0f), 100.0f)) + 27)
                            << inputs << " to " << outputs << ", row " << row << ", channel " << out << ", " << isPerRow;
                    }
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

} // namespace
} // namespace lathe::runtime
