#pragma once

#include <algorithm>
#include <cmath>
#include <random>
#include <span>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <core/runtime/kernels/int8/few_inputs_kernel.h>
#include <tests/core/runtime/slow_convolution.h>

namespace lathe::runtime::testing {

/// Input channels, and the window.
using FewInputs = std::pair<std::int64_t, Window>;

/// Holds convolveFewInputsRow() of what `pack(shape, weights)` makes to the definition of a convolution, for some numbers of channels and
/// of pixels; `isFor(shape)` has to hold.
template<class Pack, class IsFor>
void expectFewInputsAreTheSlowReference(std::span<const FewInputs> forms, const IsFor& isFor, const Pack& pack) {
    std::mt19937 engine(5);
    for (const auto& [inChannels, window] : forms) {
        for (const std::int64_t outChannels : {1, 3, 6, 8, 9, 16, 20}) {
            for (const std::int64_t pixels : {1, 7, 15, 16, 17, 28, 33}) {
                const ConvolutionShape shape{inChannels, outChannels, 1, window};
                ASSERT_TRUE(isFor(shape));
                const std::int64_t width = (pixels - 1) * window.strideWidth + window.kernelWidth, zeroPoint = 77;
                const std::int64_t height = (window.kernelHeight - 1) * window.dilationHeight + 1;
                std::vector<std::int16_t> weights(
                    static_cast<std::size_t>(outChannels * inChannels * window.kernelHeight * window.kernelWidth));
                for (auto& weight : weights)
                    weight = static_cast<std::int16_t>(static_cast<int>(engine() % 256) - 128);
                std::vector<std::uint8_t> image(static_cast<std::size_t>(width * height * inChannels));
                for (auto& byte : image)
                    byte = static_cast<std::uint8_t>(engine() % 4 == 0 ? 255 : engine());
                std::vector<std::uint8_t> readable = image;
                readable.resize(image.size() + int8ReadAhead, 200);
                const auto packed = pack(shape, weights);
                std::vector<std::int64_t> rows;
                shape.positionOffsets(width * inChannels, true, rows);
                const auto scales = static_cast<std::size_t>(outChannels + int8ScaleReadAhead);
                const std::vector<float> ones(scales, 1.0F), zeros(scales, 0.0F);
                const auto elements = static_cast<std::size_t>(pixels * outChannels);
                std::vector<float> sums(elements + 1, -7);
                convolveFewInputsRow(packed, readable.data(), rows, pixels, zeroPoint,
                                     {ones, zeros, -1e30F, 1e30F, 0, nullptr, sums.data()});
                EXPECT_EQ(sums.back(), -7) << "wrote behind the end";
                std::vector<std::int64_t> expected;
                for (std::size_t at = 0; at < elements; ++at) {
                    const auto pixel = static_cast<std::int64_t>(at) / outChannels, channel = static_cast<std::int64_t>(at) % outChannels;
                    expected.push_back(slowSum(shape, weights, image, width, zeroPoint, channel, 0, pixel));
                    ASSERT_EQ(sums[at], static_cast<float>(expected[at]))
                        << outChannels << " channels, pixel " << pixel << " of " << pixels;
                }
                for (const ByteForm& form : byteForms) {
                    std::vector<std::uint8_t> bytes(elements + 16, 99);
                    const std::vector<float> factors(scales, form.factor), offsets(scales, form.offset);
                    convolveFewInputsRow(packed, readable.data(), rows, pixels, zeroPoint,
                                         {factors, offsets, form.low, form.high, byteFormZeroPoint, bytes.data()});
                    for (std::size_t behind = elements; behind < bytes.size(); ++behind)
                        EXPECT_EQ(bytes[behind], 99) << "wrote behind the end";
                    for (std::size_t at = 0; at < elements; ++at)
                        ASSERT_EQ(bytes[at], slowByte(expected[at], form)) << outChannels << " channels, element " << at;
                }
            }
        }
    }
}

} // namespace lathe::runtime::testing
