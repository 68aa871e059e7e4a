#include <core/runtime/kernels/pooling/max_pool_loops.h>

#include <random>

#include <gtest/gtest.h>

namespace lathe::runtime {
namespace {

/// One window after the other, one byte after the other.
std::vector<std::uint8_t> slowPool(const std::vector<std::uint8_t>& image, std::int64_t height, std::int64_t width, std::int64_t channels,
                                   const Window& window) {
    std::vector<std::uint8_t> out;
    for (std::int64_t row = 0; row < window.outHeight(height); ++row) {
        for (std::int64_t column = 0; column < window.outWidth(width); ++column) {
            for (std::int64_t channel = 0; channel < channels; ++channel) {
                std::uint8_t largest = 0;
                for (std::int64_t y = 0; y < window.kernelHeight; ++y) {
                    for (std::int64_t x = 0; x < window.kernelWidth; ++x) {
                        const std::int64_t fromRow = row * window.strideHeight - window.paddingHeight + y * window.dilationHeight;
                        const std::int64_t fromColumn = column * window.strideWidth - window.paddingWidth + x * window.dilationWidth;
                        if (fromRow < 0 || fromRow >= height || fromColumn < 0 || fromColumn >= width) continue;
                        largest = std::max(largest, image[static_cast<std::size_t>((fromRow * width + fromColumn) * channels + channel)]);
                    }
                }
                out.push_back(largest);
            }
        }
    }
    return out;
}

struct Case {
    const char* name;
    std::int64_t height, width, channels;
    Window window;
};

class MaxPoolLoops : public testing::TestWithParam<Case> {};

TEST_P(MaxPoolLoops, IsTheSlowReference) {
    const Case& wanted = GetParam();
    std::mt19937 generator(1);
    std::vector<std::uint8_t> image(static_cast<std::size_t>(wanted.height * wanted.width * wanted.channels));
    for (std::uint8_t& byte : image)
        byte = static_cast<std::uint8_t>(generator());
    const auto expected = slowPool(image, wanted.height, wanted.width, wanted.channels, wanted.window);
    std::vector<std::uint8_t> out(expected.size() + 1, 77);
    std::vector<std::uint8_t> scratch(3, 255); // what an earlier call left
    maxPool(image.data(), wanted.height, wanted.width, wanted.channels, wanted.window, out.data(), scratch);
    EXPECT_EQ(out.back(), 77);
    out.pop_back();
    EXPECT_EQ(out, expected);
}

INSTANTIATE_TEST_SUITE_P(Windows, MaxPoolLoops,
                         testing::Values(Case{"halves", 28, 28, 6, {2, 2, 2, 2}}, Case{"oddSizes", 7, 5, 3, {2, 2, 2, 2}},
                                         Case{"overlapping", 9, 9, 16, {3, 3, 2, 2}}, Case{"padded", 8, 8, 4, {3, 3, 1, 1, 1, 1}},
                                         Case{"dilated", 12, 11, 2, {2, 3, 1, 2, 0, 0, 3, 2}}, Case{"onePixel", 1, 1, 1, {1, 1, 1, 1}},
                                         Case{"wholeImage", 5, 6, 33, {5, 6, 1, 1}}, Case{"tall", 6, 1, 8, {2, 1, 2, 1}},
                                         Case{"moreThanAVector", 5, 4, 130, {2, 2, 1, 1}}, Case{"gaps", 6, 11, 3, {2, 2, 3, 3}},
                                         Case{"nine", 5, 13, 9, {1, 3, 1, 2}}, Case{"fifteen", 4, 5, 15, {2, 2, 1, 1}}),
                         [](const auto& entry) { return std::string(entry.param.name); });

} // namespace
} // namespace lathe::runtime
