#include <core/transform/quantize/quantizer.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include <tests/support/graphs.h>

namespace lathe::transform {
namespace {

constexpr IntegerRange full{0, 255};

/// The integer whose real value is nearest, by trying all.
std::int32_t nearest(float value, const QuantizationParameters& parameters, IntegerRange range) {
    auto best = static_cast<std::int32_t>(range.minimum);
    for (std::int32_t candidate = best; candidate <= range.maximum; ++candidate) {
        const auto distance = [&](std::int32_t q) {
            return std::fabs(static_cast<double>(value) - (q - parameters.zeroPoint) * static_cast<double>(parameters.scale));
        };
        if (distance(candidate) < distance(best)) best = candidate;
    }
    return best;
}

TEST(Quantizer, EveryValueGoesToTheNearestInteger) {
    for (const IntegerRange range : {full, IntegerRange{0, 127}, IntegerRange{-127, 127}, IntegerRange{-8, 7}, IntegerRange{-1, 1}}) {
        for (const auto& [low, high] : {std::pair{-1.0F, 1.0F}, {-0.1F, 3.0F}, {0.0F, 6.0F}, {-5.0F, -1.0F}, {2.0F, 3.0F}}) {
            for (const Scheme scheme : {Scheme::Symmetric, Scheme::Affine}) {
                const auto parameters = chooseParameters(low, high, range, scheme);
                for (const float value : {-7.0F, -1.0F, -0.333F, 0.0F, 0.01F, 0.777F, 2.5F, 9.0F}) {
                    const auto q = quantize(value, parameters, range);
                    const auto expected = nearest(value, parameters, range);
                    EXPECT_NEAR(std::fabs(value - dequantize(q, parameters)), std::fabs(value - dequantize(expected, parameters)), 1e-6F);
                }
            }
        }
    }
}

TEST(Quantizer, ZeroIsAlwaysExact) {
    for (const auto& [low, high] : {std::pair{-1.3F, 0.7F}, {0.2F, 5.0F}, {-9.0F, -2.0F}, {0.0F, 0.0F}, {-1e-30F, 1e30F}}) {
        for (const Scheme scheme : {Scheme::Symmetric, Scheme::Affine}) {
            const auto parameters = chooseParameters(low, high, full, scheme);
            EXPECT_EQ(dequantize(quantize(0, parameters, full), parameters), 0.0F);
            EXPECT_GT(parameters.scale, 0.0F);
        }
    }
}

TEST(Quantizer, AffineCoversTheRangeAndOnlyIt) {
    const auto relu = chooseParameters(0, 5.1F, full, Scheme::Affine);
    EXPECT_EQ(relu.zeroPoint, 0);
    EXPECT_FLOAT_EQ(relu.scale, 0.02F);
    const auto negative = chooseParameters(-5.1F, -1, full, Scheme::Affine); // extended to hold zero
    EXPECT_EQ(negative.zeroPoint, 255);
    EXPECT_FLOAT_EQ(dequantize(0, negative), -5.1F);
}

TEST(Quantizer, SymmetricPutsZeroInTheMiddle) {
    EXPECT_EQ(chooseParameters(-1, 3, full, Scheme::Symmetric).zeroPoint, 128);
    EXPECT_EQ(chooseParameters(-1, 3, {0, 127}, Scheme::Symmetric).zeroPoint, 64);
    const auto weights = chooseParameters(-1, 3, {-127, 127}, Scheme::Symmetric);
    EXPECT_EQ(weights.zeroPoint, 0);
    EXPECT_FLOAT_EQ(weights.scale, 3.0F / 127);
}

TEST(Quantizer, RoundsHalfToEvenAndSaturates) {
    const QuantizationParameters one{1, 0};
    EXPECT_EQ(quantize(0.5F, one, full), 0);
    EXPECT_EQ(quantize(1.5F, one, full), 2);
    EXPECT_EQ(quantize(2.5F, one, full), 2);
    EXPECT_EQ(quantize(1e30F, one, full), 255);
    EXPECT_EQ(quantize(-std::numeric_limits<float>::infinity(), one, full), 0);
}

TEST(Quantizer, ErrorOfAWeightIsAtMostHalfAStep) {
    const tensor::Shape shape{5, 3, 3, 3};
    const auto values = support::randomTensor(shape, 4).toFloats();
    for (const int bits : {2, 3, 4, 8}) {
        for (const Scheme scheme : {Scheme::Symmetric, Scheme::Affine}) {
            for (const Granularity granularity : {Granularity::Channel, Granularity::Tensor}) {
                const auto quantized = quantizeWeight(values, shape, {bits, scheme, granularity, 0});
                const auto real = dequantize(quantized);
                ASSERT_EQ(quantized.parameters.size(), granularity == Granularity::Channel ? 5U : 1U);
                for (std::size_t i = 0; i < values.size(); ++i) {
                    const auto& parameters = quantized.parameters[granularity == Granularity::Channel ? i / 27 : 0];
                    // The rounded zero point of the affine scheme may push an end out by another half step.
                    const float tolerance = parameters.scale * (scheme == Scheme::Affine ? 1.0F : 0.5F) * 1.0001F;
                    EXPECT_LE(std::fabs(values[i] - real[i]), tolerance);
                }
                const auto integers = quantized.values.values<std::int8_t>();
                EXPECT_GE(*std::ranges::min_element(integers), quantized.grid.range.minimum);
                EXPECT_LE(*std::ranges::max_element(integers), quantized.grid.range.maximum);
            }
        }
    }
}

double squaredErrorOf(const std::vector<float>& values, const WeightFormat& format) {
    const auto restored = dequantize(quantizeWeight(values, {static_cast<std::int64_t>(values.size())}, format));
    double sum = 0;
    for (std::size_t i = 0; i < values.size(); ++i)
        sum += std::pow(static_cast<double>(restored[i]) - static_cast<double>(values[i]), 2);
    return sum;
}

TEST(Quantizer, MseCutsOffWhatCostsMoreThanItBrings) {
    for (const int bits : {8, 4, 3, 2}) {
        for (const Scheme scheme : {Scheme::Symmetric, Scheme::Affine}) {
            WeightFormat minMax{bits, scheme, Granularity::Tensor, 0}, mse = minMax;
            mse.calibrator = WeightCalibrator::Mse;
            for (const unsigned seed : {1U, 2U, 3U}) {
                const std::vector<float> values = support::randomTensor({999}, seed).toFloats();
                EXPECT_LE(squaredErrorOf(values, mse), squaredErrorOf(values, minMax)) << bits << " " << seed;
            }
            std::vector<float> outlier = support::randomTensor({999}, 4).toFloats(); // one number stretches the range
            outlier[5] = 1.25F * *std::ranges::max_element(outlier);
            if (bits <= 4) {
                EXPECT_LT(squaredErrorOf(outlier, mse), 0.95 * squaredErrorOf(outlier, minMax)) << bits;
            }
            EXPECT_EQ(squaredErrorOf({0, 0, 0}, mse), 0);
            EXPECT_EQ(squaredErrorOf({}, mse), 0);
        }
    }
}

TEST(Quantizer, ChannelsAlongAnotherAxis) {
    const std::vector<float> values{1, 100, 2, 200}; // 2x2, channels are columns
    const auto quantized = quantizeWeight(values, {2, 2}, {8, Scheme::Symmetric, Granularity::Channel, 1});
    EXPECT_FLOAT_EQ(quantized.parameters[0].scale, 2.0F / 127);
    EXPECT_FLOAT_EQ(quantized.parameters[1].scale, 200.0F / 127);
    EXPECT_FLOAT_EQ(dequantize(quantized)[3], 200);
}

TEST(Quantizer, GivesWhatEachElementAloneGives) {
    struct Case {
        tensor::Shape shape;
        Granularity granularity;
        int axis;
    };
    for (const auto& [shape, granularity, axis] :
         {Case{{3, 5, 7}, Granularity::Channel, 0}, Case{{3, 5, 7}, Granularity::Channel, 1}, Case{{3, 5, 7}, Granularity::Channel, 2},
          Case{{3, 5, 7}, Granularity::Tensor, 0}, Case{{1, 2049}, Granularity::Channel, 0}, Case{{0, 4}, Granularity::Channel, 0},
          Case{{}, Granularity::Channel, 0}}) {
        const std::vector<float> values = support::randomTensor(shape, 7).toFloats();
        const QuantizedWeight quantized = quantizeWeight(values, shape, {4, Scheme::Affine, granularity, axis});
        const std::vector<float> restored = dequantize(quantized);
        ASSERT_EQ(restored.size(), values.size());
        std::size_t inner = 1, channels = 1;
        if (granularity == Granularity::Channel && !shape.empty()) {
            channels = static_cast<std::size_t>(shape[static_cast<std::size_t>(axis)]);
            for (std::size_t after = static_cast<std::size_t>(axis) + 1; after < shape.size(); ++after)
                inner *= static_cast<std::size_t>(shape[after]);
        }
        double signal = 0, noise = 0;
        for (std::size_t i = 0; i < values.size(); ++i) {
            const auto& parameters = quantized.parameters[i / inner % channels];
            const std::int32_t integer = quantize(values[i], parameters, quantized.grid.range);
            ASSERT_EQ(quantized.values.values<std::int8_t>()[i], integer) << i;
            ASSERT_EQ(restored[i], dequantize(integer, parameters)) << i;
            signal += std::pow(static_cast<double>(values[i]), 2);
            noise += std::pow(static_cast<double>(values[i]) - static_cast<double>(restored[i]), 2);
        }
        const WeightError error = quantizationError(values, quantized);
        EXPECT_NEAR(error.signal, signal, 1e-12 * signal);
        EXPECT_NEAR(error.noise, noise, 1e-12 * signal);
    }
}

TEST(Quantizer, EdgeCasesOfWeights) {
    const WeightFormat perChannel{};
    // A channel of zeros gets a scale that suits the others.
    const auto silent = quantizeWeight(std::vector<float>{0, 0, 4, -2}, {2, 2}, perChannel);
    EXPECT_EQ(dequantize(silent)[0], 0);
    EXPECT_FLOAT_EQ(silent.parameters[0].scale, 4.0F / 4096 / 127);
    // All zero.
    EXPECT_EQ(dequantize(quantizeWeight(std::vector<float>(4, 0), {2, 2}, perChannel)), std::vector<float>(4, 0));
    // Constant, single channel, single element, negative only.
    EXPECT_FLOAT_EQ(dequantize(quantizeWeight(std::vector<float>{0.3F, 0.3F}, {1, 2}, perChannel))[1], 0.3F);
    EXPECT_FLOAT_EQ(dequantize(quantizeWeight(std::vector<float>{-7}, {1}, perChannel))[0], -7);
    EXPECT_FLOAT_EQ(dequantize(quantizeWeight(std::vector<float>{-3, -1.5F}, {1, 2}, {8, Scheme::Affine, Granularity::Channel, 0}))[0], -3);
    // A huge outlier takes the whole range of its channel, and of its channel only.
    const auto outlier = quantizeWeight(std::vector<float>{1e6F, 1, 1, 0.5F}, {2, 2}, perChannel);
    EXPECT_EQ(dequantize(outlier)[1], 0);
    EXPECT_NEAR(dequantize(outlier)[2], 1, 1e6 / 4096 / 127 / 2);
    EXPECT_EQ(quantizeWeight(std::vector<float>{}, {0, 3}, perChannel).values.shape(), (tensor::Shape{0, 3}));
}

} // namespace
} // namespace lathe::transform
