#include <core/runtime/kernels/int8/depthwise_fours.h>

#include <functional>
#include <random>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

#include <core/runtime/kernels/int8/depthwise_kernel.h>
#include <tests/core/runtime/slow_convolution.h>

namespace lathe::runtime {
namespace {

using testing::byteForms;
using testing::byteFormZeroPoint;
using testing::slowSum;

const std::vector<Window> windows = {{1, 1}, {3, 3}, {3, 3, 2, 2}, {5, 5}, {5, 5, 2, 2}, {2, 3, 1, 2}, {3, 3, 1, 1, 0, 0, 2, 2}, {1, 7}};

/// A layer of random numbers, and one row of its results.
struct Case {
    Case(std::int64_t channels, const Window& window, std::int64_t count, std::mt19937& engine)
        : shape{channels, channels, channels, window},
          width(window.strideWidth * (count - 1) + (window.kernelWidth - 1) * window.dilationWidth + 1),
          weights(static_cast<std::size_t>(channels * window.kernelHeight * window.kernelWidth)), pixels(count) {
        for (auto& weight : weights)
            weight = static_cast<std::int16_t>(engine() % 8 == 0 ? -128 : static_cast<int>(engine() % 256) - 128);
        image.resize(static_cast<std::size_t>(width * window.reachHeight() * channels));
        for (auto& byte : image)
            byte = static_cast<std::uint8_t>(engine() % 4 == 0 ? 255 : engine());
        // Exactly as much as may be read: a sanitizer sees more.
        readable = image;
        readable.resize(image.size() + int8ReadAhead, 200);
    }

    template<class Result>
    std::vector<Result> run(Int8Output output) const {
        std::vector<Result> results(static_cast<std::size_t>(pixels * shape.outChannels + 1), Result{7});
        if constexpr (std::is_same_v<Result, float>)
            output.floats = results.data();
        else
            output.bytes = results.data();
        const DepthwiseFours packed(shape, weights);
        std::vector<std::int64_t> offsets;
        packed.stepOffsets(width * shape.inChannels, offsets);
        convolveDepthwiseFours(packed, readable.data(), offsets, pixels, zeroPoint, output);
        EXPECT_EQ(results.back(), Result{7}) << "wrote behind the end";
        results.pop_back();
        return results;
    }
    std::vector<std::uint8_t> expectedBytes(Int8Output output) const {
        std::vector<std::uint8_t> results(static_cast<std::size_t>(pixels * shape.outChannels));
        output.bytes = results.data();
        const DepthwiseWeights packed(shape, weights);
        std::vector<std::int64_t> positions;
        packed.positionOffsets(width * shape.inChannels, positions);
        convolveDepthwiseRow(packed, readable.data(), positions, pixels, zeroPoint, output, Int8Instructions::Portable);
        return results;
    }

    static constexpr std::int32_t zeroPoint = 77;
    ConvolutionShape shape;
    std::int64_t width;
    std::vector<std::int16_t> weights;
    std::vector<std::uint8_t> image, readable;
    std::int64_t pixels;
};

void forEachCase(const std::function<void(const Case&)>& check) {
    std::mt19937 engine(3);
    for (const std::int64_t channels : {16, 17, 24, 31, 32, 33, 40, 64, 96, 144}) {
        for (const Window& window : windows) {
            for (const std::int64_t pixels : {1, 2, 3, 8}) {
                const Case each(channels, window, pixels, engine);
                if (!suitsDepthwiseFours(each.shape)) continue; // this CPU has not the instructions
                SCOPED_TRACE(::testing::Message() << channels << " channels, kernel " << window.kernelHeight << "x" << window.kernelWidth
                                                  << ", stride " << window.strideWidth << ", " << pixels << " pixels");
                check(each);
            }
        }
    }
}

TEST(DepthwiseFours, SumsAreTheSlowReference) {
    forEachCase([](const Case& each) {
        const std::vector<float> ones(static_cast<std::size_t>(each.shape.outChannels + int8ScaleReadAhead), 1.0F);
        const std::vector<float> zeros(ones.size(), 0.0F);
        const std::vector<float> sums = each.run<float>({ones, zeros, -1e30F, 1e30F});
        for (std::int64_t pixel = 0; pixel < each.pixels; ++pixel) {
            for (std::int64_t channel = 0; channel < each.shape.outChannels; ++channel) {
                ASSERT_EQ(sums[static_cast<std::size_t>(pixel * each.shape.outChannels + channel)],
                          static_cast<float>(slowSum(each.shape, each.weights, each.image, each.width, Case::zeroPoint, channel, 0, pixel)))
                    << "pixel " << pixel << ", channel " << channel;
            }
        }
    });
}

TEST(DepthwiseFours, BytesAreThoseOfTheOtherKernel) {
    forEachCase([](const Case& each) {
        std::mt19937 engine(5);
        const auto size = static_cast<std::size_t>(each.shape.outChannels + int8ScaleReadAhead);
        std::vector<std::uint8_t> added(static_cast<std::size_t>(each.pixels * each.shape.outChannels));
        for (auto& byte : added)
            byte = static_cast<std::uint8_t>(engine());
        for (const auto& [factor, offset, low, high] : byteForms) {
            std::vector<float> factors(size, factor), offsets(size, offset);
            for (std::size_t channel = 0; channel < size; ++channel) {
                factors[channel] *= 1 + static_cast<float>(channel % 5) / 7;
                offsets[channel] *= static_cast<float>(channel % 3) - 1;
            }
            Int8Output output{factors, offsets, low, high, byteFormZeroPoint};
            EXPECT_EQ(each.run<std::uint8_t>(output), each.expectedBytes(output));
            output.residual = {.bytes = added.data(), .floats = nullptr, .zeroPoint = 12, .factor = 0.3F};
            EXPECT_EQ(each.run<std::uint8_t>(output), each.expectedBytes(output));
        }
    });
}

TEST(DepthwiseFours, IsForDepthwiseLayersOfSixteenChannelsOrMore) {
    EXPECT_FALSE(suitsDepthwiseFours({15, 15, 15, {3, 3}}));
    EXPECT_FALSE(suitsDepthwiseFours({32, 32, 16, {3, 3}}));
    EXPECT_EQ(suitsDepthwiseFours({16, 16, 16, {3, 3}}), int8Instructions() == Int8Instructions::Avx512Vnni);
}

} // namespace
} // namespace lathe::runtime
