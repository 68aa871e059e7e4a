#include <core/transform/quantize/calibrator.h>

#include <cmath>
#include <random>

#include <gtest/gtest.h>

namespace lathe::transform {
namespace {

/// Mean squared error of really quantizing these values over a range.
double realError(const std::vector<float>& values, ActivationRange range, Scheme scheme) {
    const IntegerRange integers{0, 255};
    const auto parameters = chooseParameters(range.low, range.high, integers, scheme);
    double sum = 0;
    for (const float value : values) {
        const double difference =
            static_cast<double>(value) - static_cast<double>(dequantize(quantize(value, parameters, integers), parameters));
        sum += difference * difference;
    }
    return sum / static_cast<double>(values.size());
}

ActivationStatistics statisticsOf(const std::vector<float>& values) {
    ActivationStatistics statistics;
    statistics.add(values);
    return statistics;
}

std::vector<float> longTailed(std::size_t count) {
    std::mt19937 generator(1);
    std::normal_distribution<float> normal(0, 1);
    std::vector<float> values(count);
    for (float& value : values)
        value = normal(generator) * normal(generator) * normal(generator);
    return values;
}

TEST(Calibrator, MinMaxTakesEverythingAndZero) {
    const auto both = calibrate(statisticsOf({-1, 2, 7}), Calibrator::MinMax, Scheme::Affine, 255);
    EXPECT_EQ(both.low, -1);
    EXPECT_EQ(both.high, 7);
    EXPECT_EQ(calibrate(statisticsOf({2, 7}), Calibrator::MinMax, Scheme::Affine, 255).low, 0);
    EXPECT_EQ(calibrate(statisticsOf({-2, -7}), Calibrator::MinMax, Scheme::Affine, 255).high, 0);
}

TEST(Calibrator, HistogramIsNearTheBestOfAllRanges) {
    for (const Scheme scheme : {Scheme::Symmetric, Scheme::Affine}) {
        for (const bool isRelu : {false, true}) {
            std::vector<float> values = longTailed(20000);
            for (float& value : values)
                if (isRelu) value = std::max(value, 0.0F);
            const auto statistics = statisticsOf(values);
            const auto found = calibrate(statistics, Calibrator::Histogram, scheme, 255);
            const double error = realError(values, found, scheme);
            double best = error;
            for (int low = 1; low <= 20; ++low)
                for (int high = 1; high <= 20; ++high) {
                    const ActivationRange range{std::min(statistics.minimum(), 0.0F) * static_cast<float>(low) / 20,
                                                statistics.maximum() * static_cast<float>(high) / 20};
                    best = std::min(best, realError(values, range, scheme));
                }
            EXPECT_LE(error, best * 1.1) << "relu " << isRelu;
            EXPECT_LT(error, realError(values, calibrate(statistics, Calibrator::MinMax, scheme, 255), scheme));
        }
    }
}

TEST(Calibrator, HistogramCutsOffALoneOutlierOnly) {
    // Lonely, but so far out that cutting it costs more than the coarser steps for the rest.
    std::vector<float> far(100, 0.5F);
    far.push_back(1000);
    EXPECT_GT(calibrate(statisticsOf(far), Calibrator::Histogram, Scheme::Affine, 255).high, 900);
    std::vector<float> many(1000000, 0.5F);
    for (std::size_t i = 0; i < many.size(); ++i)
        many[i] = static_cast<float>(i % 1000) / 1000;
    many.push_back(10);
    EXPECT_LT(calibrate(statisticsOf(many), Calibrator::Histogram, Scheme::Affine, 255).high, 9);
}

TEST(Calibrator, EdgeCases) {
    const auto zero = calibrate(statisticsOf({0, 0}), Calibrator::Histogram, Scheme::Affine, 255);
    EXPECT_EQ(zero.low, 0);
    EXPECT_EQ(zero.high, 0);
    const auto constant = calibrate(statisticsOf(std::vector<float>(10, 3)), Calibrator::Histogram, Scheme::Affine, 255);
    EXPECT_NEAR(constant.high, 3, 0.03);
    const auto negative = calibrate(statisticsOf({-1, -2, -3}), Calibrator::Histogram, Scheme::Affine, 255);
    EXPECT_EQ(negative.high, 0);
    EXPECT_NEAR(negative.low, -3, 0.05);
}

} // namespace
} // namespace lathe::transform
