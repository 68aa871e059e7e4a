#include <core/runtime/kernels/int8/depthwise_kernel.h>

#include <random>
#include <vector>

#include <gtest/gtest.h>

#include <tests/core/runtime/slow_convolution.h>

namespace lathe::runtime {
namespace {

using testing::slowSum;

TEST(DepthwiseKernel, IsTheSlowReference) {
    std::mt19937 engine(3);
    const std::vector<Window> windows = {{1, 1}, {3, 3}, {3, 3, 2, 2}, {5, 5}, {2, 3, 1, 2}, {3, 3, 1, 1, 0, 0, 2, 2}, {1, 7}};
    for (const std::int64_t channels : {2, 7, 8, 9, 15, 16, 17, 24, 31, 32, 40}) {
        for (const Window& window : windows) {
            const ConvolutionShape shape{channels, channels, channels, window};
            ASSERT_TRUE(isDepthwise(shape));
            const std::int64_t width = 13, height = 5, zeroPoint = 77;
            std::vector<std::int16_t> weights(static_cast<std::size_t>(channels * window.kernelHeight * window.kernelWidth));
            for (auto& weight : weights)
                weight = static_cast<std::int16_t>(static_cast<int>(engine() % 511) - 255);
            std::vector<std::uint8_t> image(static_cast<std::size_t>(width * height * channels));
            for (auto& byte : image)
                byte = static_cast<std::uint8_t>(engine() % 4 == 0 ? 255 : engine());
            std::vector<std::uint8_t> readable = image;
            readable.resize(image.size() + int8ReadAhead, 200);
            const DepthwiseWeights packed(shape, weights);
            std::vector<std::int64_t> positions;
            packed.positionOffsets(width * channels, positions);
            const std::int64_t pixels = window.outWidth(width);
            const std::vector<float> ones(static_cast<std::size_t>(channels + int8ScaleReadAhead), 1.0f);
            const std::vector<float> zeros(static_cast<std::size_t>(channels + int8ScaleReadAhead), 0.0f);
            for (const Int8Instructions instructions : {Int8Instructions::Portable, int8Instructions()}) {
                std::vector<float> sums(static_cast<std::size_t>(pixels * channels + 1), -7);
                convolveDepthwiseRow(packed, readable.data(), positions, pixels, zeroPoint,
                                     {ones, zeros, -1e30f, 1e30f, 0, nullptr, sums.data()}, instructions);
                EXPECT_EQ(sums.back(), -7) << "wrote behind the end";
                for (std::int64_t pixel = 0; pixel < pixels; ++pixel) {
                    for (std::int64_t channel = 0; channel < channels; ++channel) {
                        ASSERT_EQ(sums[static_cast<std::size_t>(pixel * channels + channel)],
                                  static_cast<float>(slowSum(shape, weights, image, width, zeroPoint, channel, 0, pixel)))
                            << channels << " channels, kernel " << window.kernelHeight << "x" << window.kernelWidth << ", pixel " << pixel
                            << ", channel " << channel;
                    }
                }
            }
        }
    }
}

TEST(DepthwiseKernel, OnlyOneInputForEachOutput) {
    EXPECT_FALSE(isDepthwise({1, 1, 1}));
    EXPECT_FALSE(isDepthwise({8, 16, 8}));
    EXPECT_FALSE(isDepthwise({8, 8, 4}));
    EXPECT_TRUE(isDepthwise({8, 8, 8}));
}

} // namespace
} // namespace lathe::runtime
