#include <core/measure/fidelity.h>

#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

namespace lathe::measure {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

/// One output of a model on all samples: [sample][value].
using Output = std::vector<std::vector<double>>;

/// The formulas as they are written, over everything at once.
Quality reference(const std::vector<Output>& original, const std::vector<Output>& values) {
    double signal = 0, noise = 0, largest = 0, cosines = 0;
    const std::size_t samples = original.front().size();
    for (std::size_t sample = 0; sample < samples; ++sample) {
        double product = 0, before = 0, after = 0;
        for (std::size_t output = 0; output < original.size(); ++output) {
            for (std::size_t at = 0; at < original[output][sample].size(); ++at) {
                const double a = original[output][sample][at], b = values[output][sample][at];
                signal += a * a;
                noise += (a - b) * (a - b);
                largest = std::max(largest, std::abs(a - b));
                product += a * b;
                before += a * a;
                after += b * b;
            }
        }
        cosines += before == 0 || after == 0 ? (before == after ? 1 : 0) : product / std::sqrt(before * after);
    }
    Quality quality;
    quality.maxAbsError = largest;
    quality.cosine = cosines / static_cast<double>(samples);
    if (signal > 0 && noise > 0) quality.sqnrDb = 10 * std::log10(signal / noise);
    return quality;
}

template<class T>
Quality measured(const std::vector<Output>& original, const std::vector<Output>& values, std::size_t batch) {
    FidelityMeter meter;
    const std::size_t samples = original.front().size();
    for (std::size_t begin = 0; begin < samples; begin += batch) {
        const std::size_t count = std::min(batch, samples - begin);
        meter.begin(static_cast<std::int64_t>(count));
        for (std::size_t output = 0; output < original.size(); ++output) {
            std::vector<T> before, after;
            for (std::size_t sample = begin; sample < begin + count; ++sample) {
                for (const double value : original[output][sample])
                    before.push_back(static_cast<T>(value));
                for (const double value : values[output][sample])
                    after.push_back(static_cast<T>(value));
            }
            meter.add(std::span<const T>(before), std::span<const T>(after), true);
        }
        meter.end();
    }
    Quality quality;
    meter.storeInto(quality);
    return quality;
}

void expectSame(const Quality& actual, const Quality& expected) {
    ASSERT_EQ(actual.sqnrDb.has_value(), expected.sqnrDb.has_value());
    if (actual.sqnrDb) {
        EXPECT_NEAR(*actual.sqnrDb, *expected.sqnrDb, 1e-9);
    }
    EXPECT_NEAR(actual.cosine.value(), expected.cosine.value(), 1e-12);
    EXPECT_EQ(actual.maxAbsError, expected.maxAbsError);
}

TEST(Fidelity, IsWhatTheFormulasSay) {
    struct Case {
        const char* name;
        std::vector<Output> original, values;
    };
    const std::vector<Case> cases = {
        {"one sample", {{{3, 4}}}, {{{3, 3}}}},
        {"one value", {{{2}, {-1}}}, {{{1.5}, {-1}}}},
        {"identical", {{{1, 2}, {3, 4}}}, {{{1, 2}, {3, 4}}}},
        {"the original is zero", {{{0, 0}, {0, 0}}}, {{{0, 1}, {0, 0}}}},
        {"all is zero", {{{0, 0}}}, {{{0, 0}}}},
        {"the other is zero", {{{1, 1}, {2, 0}}}, {{{0, 0}, {0, 0}}}},
        {"turned round", {{{1, 2}}}, {{{-1, -2}}}},
        {"several outputs", {{{1, 2}, {3, 4}}, {{100}, {200}}}, {{{1, 2.5}, {3, 4}}, {{101}, {200}}}},
        {"integers", {{{7, 1 << 20}, {0, -3}}}, {{{8, 1 << 20}, {0, -3}}}},
    };
    for (const Case& one : cases) {
        SCOPED_TRACE(one.name);
        for (const std::size_t batch : {1U, 2U, 5U}) {
            expectSame(measured<double>(one.original, one.values, batch), reference(one.original, one.values));
            expectSame(measured<float>(one.original, one.values, batch), reference(one.original, one.values));
        }
    }
}

TEST(Fidelity, OfManySamplesIsTheSameForEveryBatchSize) {
    std::mt19937 generator(7);
    std::normal_distribution<double> normal;
    Output original(37, std::vector<double>(11)), values = original;
    for (std::size_t sample = 0; sample < original.size(); ++sample) {
        for (std::size_t at = 0; at < 11; ++at) {
            original[sample][at] = normal(generator);
            values[sample][at] = original[sample][at] + 0.01 * normal(generator);
        }
    }
    const Quality expected = reference({original}, {values});
    EXPECT_NEAR(expected.sqnrDb.value(), 40, 1);
    for (const std::size_t batch : {1U, 8U, 37U, 100U})
        expectSame(measured<double>({original}, {values}, batch), expected);
}

TEST(Fidelity, IdenticalOutputsHaveNoFiniteRatio) {
    const Quality quality = measured<float>({{{1, 2}}}, {{{1, 2}}}, 1);
    EXPECT_TRUE(isIdentical(quality));
    EXPECT_FALSE(quality.sqnrDb);
    EXPECT_EQ(quality.maxAbsError, 0.0);
    EXPECT_EQ(quality.cosine, 1.0);
    EXPECT_FALSE(isIdentical(Quality{})) << "not measured is not identical";
    EXPECT_FALSE(isIdentical(measured<float>({{{0, 0}}}, {{{0, 1}}}, 1)));
}

TEST(Fidelity, WhatIsNotANumberIsNotLeftOut) {
    for (const auto& [a, b] :
         {std::pair(1.0, nan), std::pair(nan, 1.0), std::pair(nan, nan), std::pair(infinity, 1.0), std::pair(infinity, -infinity)}) {
        const Quality quality = measured<float>({{{a, 2}, {1, 1}}}, {{{b, 2}, {1, 1}}}, 1);
        EXPECT_FALSE(quality.sqnrDb || quality.cosine || quality.maxAbsError) << a << " and " << b;
    }
    // A masked position that is -inf on both sides does not differ.
    EXPECT_TRUE(isIdentical(measured<float>({{{-infinity, 2}}}, {{{-infinity, 2}}}, 1)));
}

TEST(Fidelity, OutputsThatAreNotPerSampleHaveNoShareInTheCosine) {
    FidelityMeter meter;
    meter.begin(2);
    meter.add(std::vector<float>{1, 0, 0, 1}, std::vector<float>{1, 0, 0, 1}, true);
    meter.add(std::vector<float>{3}, std::vector<float>{-3}, false);
    meter.end();
    Quality quality;
    meter.storeInto(quality);
    EXPECT_EQ(quality.cosine, 1.0);
    EXPECT_EQ(quality.maxAbsError, 6.0);
    EXPECT_NEAR(quality.sqnrDb.value(), 10 * std::log10(11.0 / 36), 1e-12);
}

TEST(Fidelity, NothingMeasuredHasNoFigures) {
    Quality quality;
    FidelityMeter().storeInto(quality);
    EXPECT_FALSE(quality.sqnrDb || quality.cosine || quality.maxAbsError);
}

} // namespace
} // namespace lathe::measure
