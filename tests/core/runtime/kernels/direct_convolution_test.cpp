#include <core/runtime/kernels/direct/direct_convolution.h>

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <core/runtime/cpu.h>
#include <tests/core/runtime/slow_float_convolution.h>

namespace lathe::runtime {
namespace {

using namespace testing;

struct Case {
    std::string name;
    FloatConvolution layer;
};

std::vector<const DirectLoops*> loopsOfThisCpu() {
    std::vector<const DirectLoops*> loops;
    if (cpuHasAvx2()) loops.push_back(&directLoopsAvx2());
    if (cpuHasAvx2() && mayUseAvx512()) loops.push_back(&directLoopsAvx512());
    return loops;
}

/// Rows and blocks of channels in two parts each, the last first.
std::vector<float> fast(const FloatConvolution& layer, const DirectConvolution::Options& options, const DirectLoops* loops) {
    const DirectConvolution convolution(layer.shape, options, layer.weights, layer.bias, loops);
    std::vector<float> result = options.addsResult ? layer.addend : std::vector<float>(layer.addend.size(), -77.0F);
    const DirectConvolution::Images images{layer.batch, layer.height, layer.width, layer.input.data(), result.data()};
    const std::int64_t rows = layer.batch * layer.outHeight, someRows = rows / 3, blocks = convolution.blocks(), someBlocks = blocks / 2;
    for (const ItemRange part : {ItemRange{someRows, rows}, ItemRange{0, someRows}}) {
        for (const ItemRange channels : {ItemRange{someBlocks, blocks}, ItemRange{0, someBlocks}}) {
            // Of exactly the size that is asked for, so that sanitizers see what is written behind it.
            std::vector<float> padded(static_cast<std::size_t>(convolution.paddedFloats(images)));
            convolution.compute(images, part, channels, padded.data());
        }
    }
    return result;
}

TEST(DirectConvolution, IsTheSlowReference) {
    if (loopsOfThisCpu().empty()) GTEST_SKIP() << "this CPU has no AVX2";
    std::mt19937 engine(3);
    const std::vector<Case> cases{
        {"a first layer of grey pictures", {engine, {1, 6, 1, {5, 5}}, 3, 14, 14}},
        {"a first layer of colour pictures", {engine, {3, 64, 1, {7, 7, 2, 2, 3, 3}}, 2, 23, 20}},
        {"1x1", {engine, {32, 48, 1, {}}, 2, 7, 7}},
        {"1x1 with a stride", {engine, {16, 24, 1, {1, 1, 2, 2}}, 2, 9, 11}},
        {"channels that fill no vector", {engine, {5, 19, 1, {3, 3, 1, 1, 1, 1}}, 2, 6, 5}},
        {"one channel more than a block", {engine, {4, 33, 1, {3, 3}}, 1, 5, 5}},
        {"fewer channels than a vector", {engine, {2, 3, 1, {3, 3, 1, 1, 1, 1}}, 1, 4, 9}},
        {"one channel", {engine, {1, 1, 1, {3, 1, 1, 1, 1, 0}}, 1, 3, 3}},
        {"dilated in one direction", {engine, {6, 9, 1, {3, 3, 1, 1, 2, 1, 2, 1}}, 1, 8, 7}},
        {"dilated in both", {engine, {6, 16, 1, {3, 2, 1, 1, 0, 0, 2, 3}}, 2, 8, 8}},
        {"more padding than the kernel needs", {engine, {3, 8, 1, {2, 2, 1, 1, 2, 3}}, 1, 2, 3}},
        {"strides of two sizes", {engine, {8, 12, 1, {3, 5, 3, 2, 1, 2}}, 2, 10, 12}},
        {"one pixel", {engine, {40, 17, 1, {3, 3, 1, 1, 1, 1}}, 1, 1, 1}},
        {"many images of one pixel", {engine, {8, 10, 1, {}}, 150, 1, 1}},
        {"many bands", {engine, {64, 16, 1, {3, 3, 1, 1, 1, 1}}, 2, 40, 33}},
        {"many padded images in a band", {engine, {4, 8, 1, {3, 3, 1, 1, 1, 1}}, 40, 2, 3}},
    };
    for (const Case& example : cases) {
        for (const DirectLoops* loops : loopsOfThisCpu()) {
            for (const bool addsResult : {false, true}) {
                SCOPED_TRACE(example.name + ", lanes " + std::to_string(loops->lanes) + (addsResult ? ", adds" : ""));
                const DirectConvolution::Options options{.addsResult = addsResult};
                // Sums of up to 576 products of numbers up to 1.
                EXPECT_LT(largestDifference(fast(example.layer, options, loops), slowConvolution(example.layer, addsResult, {})), 5e-5);
            }
        }
    }
}

TEST(DirectConvolution, ComputesFunctionsWhileItStores) {
    using Kind = Elementwise::Kind;
    std::mt19937 engine(3);
    const FloatConvolution layer(engine, {24, 20, 1, {3, 3, 1, 1, 1, 1}}, 2, 7, 7);
    for (const Elementwise& function : std::vector<Elementwise>{
             {Kind::Relu}, {Kind::Relu, 0.1F}, {Kind::Clip, -0.5F, 2}, {Kind::HardSwish}, {Kind::Swish}, {Kind::Logistic}}) {
        for (const DirectLoops* loops : loopsOfThisCpu()) {
            const DirectConvolution::Options options{.addsResult = true, .function = function};
            EXPECT_LT(largestDifference(fast(layer, options, loops), slowConvolution(layer, true, function)), 2e-5)
                << static_cast<int>(function.kind);
        }
    }
}

TEST(DirectConvolution, WhatIsNoNumberStaysInItsPixels) {
    std::mt19937 engine(3);
    FloatConvolution layer(engine, {2, 8, 1, {1, 1}}, 1, 3, 3);
    layer.input[2 * 4] = std::numeric_limits<float>::quiet_NaN();
    for (const DirectLoops* loops : loopsOfThisCpu()) {
        const std::vector<float> made = fast(layer, {.function = Elementwise{}}, loops);
        for (std::size_t index = 0; index < made.size(); ++index)
            EXPECT_EQ(std::isnan(made[index]), index / 8 == 4) << index;
    }
}

} // namespace
} // namespace lathe::runtime
