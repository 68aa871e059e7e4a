#include <core/runtime/kernels/winograd/winograd_convolution.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <core/runtime/cpu.h>
#include <core/runtime/kernels/vector_function.h>
#include <tests/core/runtime/slow_float_convolution.h>

namespace lathe::runtime {
namespace {

using namespace testing;

struct Case {
    std::int64_t batch = 1, in = 8, out = 8, height = 6, width = 6, padding = 1;
};

struct Layer : FloatConvolution {
    explicit Layer(const Case& sizes)
        : FloatConvolution(engine(), {sizes.in, sizes.out, 1, {3, 3, 1, 1, sizes.padding, sizes.padding}}, sizes.batch, sizes.height,
                           sizes.width),
          images(winogradImages(shape, 2, batch, height, width)) {}

    WinogradImages images;

private:
    static std::mt19937& engine() {
        static std::mt19937 engine(3);
        return engine;
    }
};

std::vector<double> slow(const Layer& layer, const WinogradConvolution::Options& options) {
    return slowConvolution(layer, options.addsResult, options.function);
}

/// In chunks of so many tiles, each transformed and computed in two parts.
std::vector<float> fast(const Layer& layer, const WinogradConvolution::Options& options, const WinogradLoops* loops, std::int64_t most) {
    const WinogradConvolution convolution(layer.shape, options, layer.weights, layer.bias, loops);
    std::vector<float> result = options.addsResult ? layer.addend : std::vector<float>(layer.addend.size(), -77.0f);
    WinogradImages images = layer.images;
    images.tileSize = options.tileSize;
    const std::int64_t tiles = images.tiles();
    for (std::int64_t first = 0; first < tiles; first += most) {
        const ItemRange chunk{first, std::min(tiles, first + most)};
        const std::int64_t count = chunk.end - chunk.begin, half = count / 2, halfGroups = convolution.groups() / 2;
        // Of exactly the size that is asked for, so that sanitizers see what is written behind it.
        std::vector<float> inputs(static_cast<std::size_t>(convolution.inputFloats(count)));
        std::vector<float> products(static_cast<std::size_t>(convolution.productFloats(count)));
        const WinogradJob job = convolution.job(images, chunk, layer.input.data(), result.data(), inputs.data());
        convolution.transformInputs(job, {half, count});
        convolution.transformInputs(job, {0, half});
        convolution.computeGroups(job, {halfGroups, convolution.groups()}, products.data());
        convolution.computeGroups(job, {0, halfGroups}, products.data());
    }
    return result;
}

std::vector<const WinogradLoops*> loopsOfThisCpu() {
    std::vector<const WinogradLoops*> loops;
    if (cpuHasAvx2()) loops.push_back(&winogradLoopsAvx2());
    if (cpuHasAvx2() && mayUseAvx512()) loops.push_back(&winogradLoopsAvx512());
    return loops;
}

TEST(WinogradConvolution, IsTheSlowReference) {
    if (loopsOfThisCpu().empty()) GTEST_SKIP() << "this CPU has no AVX2";
    for (const Case& sizes : std::vector<Case>{{1, 8, 8, 6, 6, 1},
                                               {1, 16, 32, 8, 8, 1},
                                               {2, 13, 40, 9, 11, 1}, // channels that fill no vector, tiles that stand out
                                               {3, 8, 33, 4, 4, 0},   // no padding
                                               {1, 9, 7, 5, 3, 2},    // wider padding than the kernel needs
                                               {1, 17, 65, 1, 1, 1},  // one pixel
                                               {2, 40, 16, 3, 14, 1}, // one row of tiles of 4x4
                                               {1, 64, 64, 17, 17, 1}}) {
        const Layer layer(sizes);
        for (const WinogradLoops* loops : loopsOfThisCpu()) {
            for (const int tileSize : {2, 4}) {
                for (const bool addsResult : {false, true}) {
                    const WinogradConvolution::Options options{.tileSize = tileSize, .addsResult = addsResult};
                    const std::vector<double> expected = slow(layer, options);
                    for (const std::int64_t most : {1, 5, 1000}) {
                        SCOPED_TRACE(std::to_string(sizes.in) + " to " + std::to_string(sizes.out) + ", tiles of " +
                                     std::to_string(tileSize) + ", " + std::to_string(most) + " at once, lanes " +
                                     std::to_string(loops->lanes));
                        // Sums of up to 576 products of numbers up to 1.
                        EXPECT_LT(largestDifference(fast(layer, options, loops, most), expected), tileSize == 2 ? 2e-5 : 5e-5);
                    }
                }
            }
        }
    }
}

TEST(WinogradConvolution, ComputesFunctionsWhileItStores) {
    using Kind = Elementwise::Kind;
    const Layer layer({2, 24, 20, 7, 7, 1});
    for (const Elementwise& function : std::vector<Elementwise>{
             {Kind::Relu}, {Kind::Relu, 0.1f}, {Kind::Clip, -0.5f, 2}, {Kind::HardSwish}, {Kind::Swish}, {Kind::Logistic}}) {
        ASSERT_TRUE(hasVectorForm(function));
        for (const WinogradLoops* loops : loopsOfThisCpu()) {
            const WinogradConvolution::Options options{.tileSize = 2, .addsResult = true, .function = function};
            EXPECT_LT(largestDifference(fast(layer, options, loops, 7), slow(layer, options)), 2e-5) << static_cast<int>(function.kind);
        }
    }
    EXPECT_FALSE(hasVectorForm(Elementwise{Kind::Gelu}));
    EXPECT_FALSE(hasVectorForm(Elementwise{Kind::Elu}));
}

TEST(WinogradConvolution, FunctionsOfLargeNumbersAndOfNone) {
    using Kind = Elementwise::Kind;
    constexpr float infinity = std::numeric_limits<float>::infinity(), none = std::numeric_limits<float>::quiet_NaN();
    Layer layer({1, 8, 8, 2, 2, 1});
    std::ranges::fill(layer.weights, 0.0f);
    layer.bias = {-1000, -100, -87.5f, 0, 87.5f, 100, 1000, 2};
    for (const Kind kind : {Kind::Relu, Kind::Swish, Kind::Logistic, Kind::HardSwish}) {
        const WinogradConvolution::Options options{.tileSize = 2, .function = Elementwise{kind}};
        const std::vector<double> expected = slow(layer, options);
        for (const WinogradLoops* loops : loopsOfThisCpu()) {
            const std::vector<float> made = fast(layer, options, loops, 4);
            for (std::size_t index = 0; index < made.size(); ++index)
                EXPECT_NEAR(made[index], expected[index], 1e-6 * std::max(1.0, std::abs(expected[index]))) << layer.bias[index % 8];
        }
    }
    layer.bias = {none, -infinity, infinity, 0, 0, 0, 0, 0};
    for (const WinogradLoops* loops : loopsOfThisCpu()) {
        const std::vector<float> made = fast(layer, {.tileSize = 2, .function = Elementwise{Kind::Relu}}, loops, 4);
        EXPECT_TRUE(std::isnan(made[0])) << "as PyTorch's";
        EXPECT_EQ(made[1], 0);
        EXPECT_EQ(made[2], infinity);
    }
}

/// Sums of 9 · 256 products, the largest error over the largest sum; a plain sum has 1.7e-6 (winogradPoints).
TEST(WinogradConvolution, IsAboutAsExactAsPlainSums) {
    const Layer layer({1, 256, 32, 14, 14, 1});
    for (const WinogradLoops* loops : loopsOfThisCpu()) {
        const auto error = [&](int tileSize) {
            const WinogradConvolution::Options options{.tileSize = tileSize};
            const std::vector<double> expected = slow(layer, options);
            double largest = 0;
            for (const double value : expected)
                largest = std::max(largest, std::abs(value));
            return largestDifference(fast(layer, options, loops, 1000), expected) / largest;
        };
        EXPECT_LT(error(2), 1e-6);
        EXPECT_LT(error(4), 3e-6);
    }
}

TEST(WinogradConvolution, FormsThatItHas) {
    const Window window{3, 3, 1, 1, 1, 1};
    EXPECT_TRUE(hasWinogradForm({16, 16, 1, window}));
    EXPECT_FALSE(hasWinogradForm({16, 16, 2, window}));
    EXPECT_FALSE(hasWinogradForm({16, 16, 1, {3, 3, 2, 1, 1, 1}}));
    EXPECT_FALSE(hasWinogradForm({16, 16, 1, {3, 3, 1, 1, 2, 2, 2, 2}}));
    EXPECT_FALSE(hasWinogradForm({16, 16, 1, {5, 3}}));
    EXPECT_EQ(winogradWeightBytes({16, 32, 1, window}, 2), 16 * 16 * 32 * 4);
    EXPECT_EQ(winogradWeightBytes({16, 32, 1, window}, 4), 36 * 16 * 32 * 4);
}

TEST(WinogradConvolution, ChunksHaveWholeRowsOfTilesAndKnowTheThreads) {
    const Layer layer({4, 64, 64, 56, 56, 1});
    for (const WinogradLoops* loops : loopsOfThisCpu()) {
        const WinogradConvolution convolution(layer.shape, {.tileSize = 4}, layer.weights, layer.bias, loops);
        const std::int64_t tiles = winogradImages(layer.shape, 4, 4, 56, 56).tiles();
        EXPECT_EQ(tiles, 4 * 14 * 14);
        const std::int64_t one = convolution.chunkTiles(tiles, 1), four = convolution.chunkTiles(tiles, 4);
        EXPECT_EQ(one % loops->tileRows, 0);
        EXPECT_GT(four, one);
        EXPECT_LE(four, 5 * one);
        EXPECT_EQ(convolution.chunkTiles(3, 1), 3);
    }
}

} // namespace
} // namespace lathe::runtime
