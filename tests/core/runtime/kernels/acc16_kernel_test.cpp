#include <core/runtime/kernels/int8/acc16_kernel.h>

#include <algorithm>
#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include <core/runtime/cpu.h>
#include <tests/core/runtime/slow_convolution.h>

namespace lathe::runtime {
namespace {

using testing::slowSum;

std::vector<std::int16_t> someWeights(const ConvolutionShape& shape, int highest, std::mt19937& engine) {
    std::vector<std::int16_t> weights(
        static_cast<std::size_t>(shape.outChannels * shape.inChannels * shape.window.kernelHeight * shape.window.kernelWidth));
    for (auto& weight : weights)
        weight = static_cast<std::int16_t>(std::uniform_int_distribution(-highest - 1, highest)(engine));
    return weights;
}

std::vector<std::uint8_t> someBytes(std::int64_t count, std::mt19937& engine) {
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(count));
    for (auto& byte : bytes)
        byte = static_cast<std::uint8_t>(engine() % 4 == 0 ? 255 : engine());
    return bytes;
}

void expectTheSlowReference(const ConvolutionShape& shape, int highest, std::int64_t outWidth) {
    std::mt19937 engine(5);
    const Window& window = shape.window;
    const std::int64_t outHeight = 2, zeroPoint = 77;
    const std::int64_t width = (outWidth - 1) * window.strideWidth + (window.kernelWidth - 1) * window.dilationWidth + 1;
    const std::int64_t height = (outHeight - 1) * window.strideHeight + (window.kernelHeight - 1) * window.dilationHeight + 1;
    const auto weights = someWeights(shape, highest, engine);
    const auto image = someBytes(width * height * shape.inChannels, engine);
    std::vector<std::uint8_t> readable = image;
    readable.resize(image.size() + int8ReadAhead, 200);
    const Acc16Weights packed(shape, weights);
    std::vector<std::int64_t> pixels, steps;
    for (std::int64_t row = 0; row < outHeight; ++row) {
        for (std::int64_t column = 0; column < outWidth; ++column)
            pixels.push_back((row * window.strideHeight * width + column * window.strideWidth) * shape.inChannels);
    }
    packed.stepOffsets(width * shape.inChannels, steps);
    const auto scales = static_cast<std::size_t>(shape.outChannels + int8ScaleReadAhead);
    const std::vector<float> ones(scales, 1.0F), zeros(scales, 0.0F);
    const auto elements = pixels.size() * static_cast<std::size_t>(shape.outChannels);
    std::vector<float> sums(elements + 1, -7);
    const ItemRange all{0, packed.blocksPerGroup()};
    multiplyAcc16(packed, readable.data(), pixels, steps, all, {zeroPoint}, {ones, zeros, -1e30F, 1e30F, 0, nullptr, sums.data()});
    EXPECT_EQ(sums.back(), -7) << "wrote behind the end";
    std::vector<std::int64_t> expected;
    for (std::size_t at = 0; at < elements; ++at) {
        const auto pixel = static_cast<std::int64_t>(at) / shape.outChannels, channel = static_cast<std::int64_t>(at) % shape.outChannels;
        expected.push_back(slowSum(shape, weights, image, width, zeroPoint, channel, pixel / outWidth, pixel % outWidth));
        ASSERT_EQ(sums[at], static_cast<float>(expected[at]))
            << shape.inChannels << " to " << shape.outChannels << " channels, pixel " << pixel;
    }
    const auto residual = someBytes(static_cast<std::int64_t>(elements), engine);
    for (const testing::ByteForm& form : testing::byteForms) {
        for (const bool adds : {false, true}) {
            std::vector<std::uint8_t> bytes(elements + 16, 99);
            const std::vector<float> factors(scales, form.factor), offsets(scales, form.offset);
            Int8Output output{factors, offsets, form.low, form.high, testing::byteFormZeroPoint, bytes.data()};
            if (adds) output.residual = {residual.data(), nullptr, 128, 0.25F};
            multiplyAcc16(packed, readable.data(), pixels, steps, all, {zeroPoint}, output);
            for (std::size_t behind = elements; behind < bytes.size(); ++behind)
                ASSERT_EQ(bytes[behind], 99) << "wrote behind the end";
            for (std::size_t at = 0; at < elements; ++at) {
                const float added = adds ? static_cast<float>(residual[at] - 128) * 0.25F : 0;
                ASSERT_EQ(bytes[at], testing::slowByte(expected[at], form, added)) << shape.outChannels << " channels, element " << at;
            }
        }
    }
}

TEST(Acc16Kernel, IsTheSlowReference) {
    if (!cpuHasAvx2()) GTEST_SKIP() << "this CPU has no AVX2";
    for (const auto& [inChannels, window] : std::vector<std::pair<std::int64_t, Window>>{
             {1, {1, 1}}, {1, {5, 5}}, {3, {7, 7, 2, 2}}, {4, {1, 1}}, {30, {1, 1, 2, 2}}, {5, {3, 3}}, {8, {3, 3, 1, 1, 0, 0, 2, 3}}}) {
        for (const std::int64_t outChannels : {1, 3, 8, 9, 16, 20, 24, 33}) {
            for (const std::int64_t outWidth : {1, 2, 4, 7}) {
                for (const int highest : {15, 127})
                    expectTheSlowReference({inChannels, outChannels, 1, window}, highest, outWidth);
            }
        }
    }
}

TEST(Acc16Kernel, LargestProductsDoNotSaturate) {
    if (!cpuHasAvx2()) GTEST_SKIP() << "this CPU has no AVX2";
    for (const int weight : {-128, -64, 127}) {
        const Acc16Weights packed({1000, 8}, std::vector<std::int16_t>(8000, static_cast<std::int16_t>(weight)));
        const std::vector<std::uint8_t> inputs(1000, 255);
        const std::vector<float> ones(8 + int8ScaleReadAhead, 1.0F), zeros(8 + int8ScaleReadAhead, 0.0F);
        std::vector<float> sums(8);
        linearRows(packed, inputs.data(), 1000, 1, {0, 1}, {}, {ones, zeros, -1e30F, 1e30F, 0, nullptr, sums.data()});
        for (const float sum : sums)
            EXPECT_EQ(sum, 1000.0F * 255 * static_cast<float>(weight));
    }
}

TEST(Acc16Kernel, RowsOfTheirOwnScaleBlocksByThemselves) {
    if (!cpuHasAvx2()) GTEST_SKIP() << "this CPU has no AVX2";
    std::mt19937 engine(9);
    const ConvolutionShape shape{36, 40};
    const std::int64_t rows = 7;
    const auto weights = someWeights(shape, 127, engine);
    const auto inputs = someBytes(rows * 36, engine);
    const Acc16Weights packed(shape, weights);
    std::vector<std::int32_t> zeroPoints;
    std::vector<float> factors;
    for (std::int32_t row = 0; row < rows; ++row) {
        zeroPoints.push_back(100 - row);
        factors.push_back(1 + static_cast<float>(row) / 8);
    }
    const std::vector<float> ones(40 + int8ScaleReadAhead, 1.0F), zeros(40 + int8ScaleReadAhead, 0.0F), residual(7 * 40, 3.0F);
    std::vector<float> sums(7 * 40, -7);
    const Int8Output output{ones, zeros, -1e30F, 1e30F, 0, nullptr, sums.data(), factors.data(), {nullptr, residual.data(), 0, 2.0F}};
    linearRows(packed, inputs.data(), 36, rows, {1, 2}, {0, zeroPoints.data()}, output);
    for (std::int64_t row = 0; row < rows; ++row) {
        for (std::int64_t channel = 0; channel < 40; ++channel) {
            const float result = sums[static_cast<std::size_t>(row * 40 + channel)];
            if (channel < 16 || channel >= 32) {
                ASSERT_EQ(result, -7) << "belongs to another block";
                continue;
            }
            const std::int64_t sum = slowSum(shape, weights, inputs, rows, zeroPoints[static_cast<std::size_t>(row)], channel, 0, row);
            ASSERT_EQ(result, std::fmaf(static_cast<float>(sum), factors[static_cast<std::size_t>(row)], 6.0F)) << row << ", " << channel;
        }
    }
}

} // namespace
} // namespace lathe::runtime
