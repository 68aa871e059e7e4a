#include <core/measure/number_quality.h>

#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

namespace lathe::measure {
namespace {

/// By the definitions, over all rows at once.
Quality reference(const std::vector<float>& outputs, const std::vector<float>& labels, std::size_t columns) {
    Quality quality;
    const std::size_t rows = outputs.size() / columns;
    double squares = 0, absolute = 0, explained = 0, varying = 0;
    for (std::size_t column = 0; column < columns; ++column) {
        double mean = 0, residual = 0, total = 0;
        for (std::size_t row = 0; row < rows; ++row)
            mean += labels[row * columns + column] / static_cast<double>(rows);
        for (std::size_t row = 0; row < rows; ++row) {
            const double label = labels[row * columns + column], output = outputs[row * columns + column];
            residual += (label - output) * (label - output);
            absolute += std::abs(label - output);
            total += (label - mean) * (label - mean);
        }
        squares += residual;
        if (total == 0) continue;
        ++varying;
        explained += 1 - residual / total;
    }
    quality.mse = squares / static_cast<double>(outputs.size());
    quality.mae = absolute / static_cast<double>(outputs.size());
    if (varying > 0) quality.r2 = explained / varying;
    return quality;
}

TEST(NumberQuality, IsWhatTheDefinitionsSay) {
    std::mt19937 generator(3);
    std::normal_distribution<float> noise;
    for (const std::size_t columns : {1U, 3U}) {
        std::vector<float> outputs(columns * 40), labels(columns * 40);
        for (std::size_t at = 0; at < labels.size(); ++at) {
            labels[at] = 1000 + noise(generator);
            outputs[at] = labels[at] + 0.3F * noise(generator);
        }
        NumberMeter meter(static_cast<std::int64_t>(columns));
        const std::size_t half = columns * 7;
        meter.add(std::span(outputs).first(half), std::span(labels).first(half));
        meter.add(std::span(outputs).subspan(half), std::span(labels).subspan(half));
        const Quality measured = meter.result(), expected = reference(outputs, labels, columns);
        EXPECT_EQ(measured.samples, 40);
        EXPECT_NEAR(*measured.mse, *expected.mse, 1e-9);
        EXPECT_NEAR(*measured.mae, *expected.mae, 1e-9);
        EXPECT_NEAR(*measured.r2, *expected.r2, 1e-9);
        EXPECT_FALSE(measured.accuracy);
    }
}

TEST(NumberQuality, PerfectMeanAndConstant) {
    NumberMeter perfect(1), mean(1), constant(1);
    const std::vector<float> labels{1, 2, 3}, middle{2, 2, 2};
    perfect.add(labels, labels);
    mean.add(middle, labels);
    constant.add(labels, middle);
    EXPECT_EQ(perfect.result().r2, 1);
    EXPECT_EQ(perfect.result().mse, 0);
    EXPECT_NEAR(*mean.result().r2, 0, 1e-12);
    EXPECT_FALSE(constant.result().r2) << "labels that never change explain nothing";
    EXPECT_FALSE(NumberMeter(1).result().mse);
}

TEST(NumberQuality, WhatIsNotFiniteIsCounted) {
    NumberMeter meter(2);
    meter.add(std::vector<float>{1, std::numeric_limits<float>::infinity(), 1, 1}, std::vector<float>{1, 1, 1, 2});
    EXPECT_EQ(meter.result().nonFinite, 1);
    EXPECT_FALSE(std::isfinite(*meter.result().mse));
}

} // namespace
} // namespace lathe::measure
