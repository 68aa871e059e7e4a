#include <core/runtime/kernels/winograd/winograd_integers.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <core/runtime/cpu.h>
#include <core/runtime/kernels/winograd/winograd_convolution.h>

namespace lathe::runtime {
namespace {

struct Case {
    std::int64_t batch, in, out, height, width, padding;
};

struct Layer {
    ConvolutionShape shape;
    std::vector<std::int16_t> weights;
    std::vector<std::uint8_t> input;
    std::int32_t zeroPoint;
};

/// By the definition: the sums in channels-last order.
std::vector<std::int64_t> slow(const Layer& layer, const WinogradImages& images) {
    std::vector<std::int64_t> sums;
    for (std::int64_t image = 0; image < images.batch; ++image) {
        for (std::int64_t row = 0; row < images.outHeight; ++row) {
            for (std::int64_t column = 0; column < images.outWidth; ++column) {
                for (std::int64_t out = 0; out < layer.shape.outChannels; ++out) {
                    std::int64_t sum = 0;
                    for (std::int64_t index = 0; index < 9 * layer.shape.inChannels; ++index) {
                        const std::int64_t in = index / 9, fromRow = row + index % 9 / 3 - images.paddingHeight;
                        const std::int64_t fromColumn = column + index % 3 - images.paddingWidth;
                        if (fromRow < 0 || fromRow >= images.height || fromColumn < 0 || fromColumn >= images.width) continue;
                        const std::int64_t pixel = (image * images.height + fromRow) * images.width + fromColumn;
                        sum += (layer.input[static_cast<std::size_t>(pixel * layer.shape.inChannels + in)] - layer.zeroPoint) *
                               layer.weights[static_cast<std::size_t>(out * layer.shape.inChannels * 9 + index)];
                    }
                    sums.push_back(sum);
                }
            }
        }
    }
    return sums;
}

/// In chunks of so many tiles; scales of 1, so that floats are the sums.
std::vector<float> fast(const Layer& layer, const WinogradImages& images, std::int64_t most) {
    const WinogradIntegers convolution(layer.shape, layer.weights);
    const std::vector<float> ones(static_cast<std::size_t>(layer.shape.outChannels + int8ScaleReadAhead), 1.0f);
    const std::vector<float> zeros(ones.size(), 0.0f);
    std::vector<float> result(static_cast<std::size_t>(images.batch * images.outHeight * images.outWidth * layer.shape.outChannels), -1.5f);
    const Int8Output output{.factor = ones, .offset = zeros, .low = -1e9f, .high = 1e9f, .floats = result.data()};
    const std::vector<std::uint8_t> nothing(static_cast<std::size_t>(layer.shape.inChannels), static_cast<std::uint8_t>(layer.zeroPoint));
    for (std::int64_t first = 0; first < images.tiles(); first += most) {
        const ItemRange chunk{first, std::min(images.tiles(), first + most)};
        const std::int64_t count = chunk.end - chunk.begin, half = count / 2;
        // Of exactly the size that is asked for, so that sanitizers see what is written behind it.
        std::vector<std::int16_t> inputs(static_cast<std::size_t>(convolution.inputWords(count)));
        std::vector<std::int32_t> sums(static_cast<std::size_t>(WinogradIntegers::sumCount(count)));
        const WinogradIntegers::Job job{images, chunk, layer.input.data(), layer.zeroPoint, nothing.data(), inputs.data()};
        convolution.transformInputs(job, {half, count});
        convolution.transformInputs(job, {0, half});
        convolution.computeGroups(job, {0, convolution.groups()}, sums.data(), output);
    }
    return result;
}

TEST(WinogradIntegers, AreTheSlowReferenceToTheBit) {
    if (!cpuHasAvx2()) GTEST_SKIP() << "this CPU has no AVX2";
    std::mt19937 engine(7);
    for (const Case& sizes : std::vector<Case>{{1, 8, 8, 6, 6, 1},
                                               {2, 13, 40, 9, 11, 1}, // channels that fill no vector, an odd number, tiles that stand out
                                               {3, 8, 33, 4, 4, 0},
                                               {1, 9, 7, 5, 3, 2},
                                               {1, 17, 65, 1, 1, 1},
                                               {1, 512, 36, 7, 7, 1}}) {
        for (const std::int32_t zeroPoint : {0, 77, 255}) {
            for (const bool isExtreme : {false, true}) {
                Layer layer{{sizes.in, sizes.out, 1, {3, 3, 1, 1, sizes.padding, sizes.padding}}, {}, {}, zeroPoint};
                layer.weights.resize(static_cast<std::size_t>(sizes.out * sizes.in * 9));
                for (auto& weight : layer.weights) // with zero points some are beyond a byte
                    weight =
                        static_cast<std::int16_t>(isExtreme ? (engine() % 8 == 0 ? 127 : -128) : static_cast<int>(engine() % 400) - 200);
                layer.input.resize(static_cast<std::size_t>(sizes.batch * sizes.height * sizes.width * sizes.in));
                for (auto& byte : layer.input)
                    byte = static_cast<std::uint8_t>(isExtreme ? (engine() % 8 == 0 ? 0 : 255) : engine() % 256);
                ASSERT_TRUE(WinogradIntegers::fits(layer.shape, layer.weights));
                const WinogradImages images = winogradImages(layer.shape, 2, sizes.batch, sizes.height, sizes.width);
                const std::vector<std::int64_t> expected = slow(layer, images);
                for (const std::int64_t most : {1, 5, 1000}) {
                    const std::vector<float> made = fast(layer, images, most);
                    SCOPED_TRACE(std::to_string(sizes.in) + " to " + std::to_string(sizes.out) + ", " + std::to_string(most) + " at once");
                    ASSERT_EQ(made.size(), expected.size());
                    for (std::size_t index = 0; index < made.size(); ++index)
                        ASSERT_EQ(made[index], static_cast<float>(expected[index])) << index;
                }
            }
        }
    }
}

TEST(WinogradIntegers, WhatCouldLeaveThirtyBitsDoesNotFit) {
    const auto fits = [](std::int64_t channels, std::int16_t weight) {
        const ConvolutionShape shape{channels, 1, 1, {3, 3, 1, 1, 1, 1}};
        return WinogradIntegers::fits(shape, std::vector<std::int16_t>(static_cast<std::size_t>(channels * 9), weight));
    };
    EXPECT_TRUE(fits(512, 127));
    EXPECT_TRUE(fits(1800, 127));
    EXPECT_FALSE(fits(2000, 127));
    EXPECT_FALSE(fits(500, 510));
    EXPECT_TRUE(fits(450, 510));
}

} // namespace
} // namespace lathe::runtime
