#include <core/measure/statistics.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include <core/measure/result.h>

namespace lathe::measure {
namespace {

using Values = std::vector<double>;

TEST(StatisticsTest, PercentileIsThatOfNumpy) {
    // numpy.percentile([1, 2, 4, 8, 16], q) with its default method.
    const Values sorted{1, 2, 4, 8, 16};
    EXPECT_DOUBLE_EQ(percentile(sorted, 0), 1);
    EXPECT_DOUBLE_EQ(percentile(sorted, 0.1), 1.4);
    EXPECT_DOUBLE_EQ(percentile(sorted, 0.5), 4);
    EXPECT_DOUBLE_EQ(percentile(sorted, 0.9), 12.8);
    EXPECT_NEAR(percentile(sorted, 0.999), 15.968, 1e-12);
    EXPECT_DOUBLE_EQ(percentile(sorted, 1), 16);
    EXPECT_DOUBLE_EQ(percentile(Values{3}, 0.7), 3);
    EXPECT_DOUBLE_EQ(percentile(Values{3, 5}, 0.5), 4);
}

TEST(StatisticsTest, MedianIsTheMiddleOfTheSorted) {
    Random random(1);
    for (std::size_t size = 1; size <= 40; ++size) {
        Values values(size);
        for (double& value : values)
            value = static_cast<double>(random.below(20)); // with equal ones
        Values sorted = values;
        std::sort(sorted.begin(), sorted.end());
        EXPECT_DOUBLE_EQ(medianInPlace(values), percentile(sorted, 0.5)) << size;
    }
}

TEST(StatisticsTest, MeanAndStandardDeviation) {
    EXPECT_EQ(mean({}), 0);
    EXPECT_EQ(standardDeviation({}), 0);
    EXPECT_EQ(standardDeviation(Values{5}), 0);
    const Values values{2, 4, 4, 4, 5, 5, 7, 9};
    EXPECT_DOUBLE_EQ(mean(values), 5);
    EXPECT_DOUBLE_EQ(standardDeviation(values), std::sqrt(32.0 / 7.0));
}

TEST(StatisticsTest, RandomNumbersAreUniformAndTheSameEverywhere) {
    // The 10000th draw of a default-seeded engine is fixed by the C++ standard; ours uses the engine as it is.
    Random standard(std::mt19937_64::default_seed);
    std::uint64_t last = 0;
    for (int i = 0; i < 10000; ++i)
        last = standard.below(std::uint64_t{1} << 63);
    EXPECT_EQ(last, 9981545732273789042U % (std::uint64_t{1} << 63));

    Random random(5);
    std::array<int, 6> counts{};
    for (int i = 0; i < 60000; ++i)
        ++counts.at(random.below(6));
    for (const int count : counts)
        EXPECT_NEAR(count, 10000, 500); // over five standard deviations
    EXPECT_EQ(random.below(1), 0U);
}

TEST(StatisticsTest, BootstrapOfConstantsIsAPoint) {
    const Interval interval = bootstrapRatioOfMedians(Values(100, 6.0), Values(100, 3.0), 1);
    EXPECT_EQ(interval.low, 2);
    EXPECT_EQ(interval.high, 2);
    const Interval one = bootstrapRatioOfMedians(Values{6}, Values{3}, 1);
    EXPECT_EQ(one.low, 2);
    EXPECT_EQ(one.high, 2);
}

/// 1 plus noise between 0 and `spread`; each value is held for `hold` samples, as drift does.
Values noisy(Random& random, std::size_t samples, double spread, std::size_t hold) {
    Values values(samples);
    double level = 0;
    for (std::size_t i = 0; i < samples; ++i) {
        if (i % hold == 0) level = spread * static_cast<double>(random.below(1 << 20)) / (1 << 20);
        values[i] = 1 + level;
    }
    return values;
}

double coverage(std::size_t samples, std::size_t hold) {
    constexpr int trials = 300;
    int covered = 0;
    for (int trial = 0; trial < trials; ++trial) {
        Random random(static_cast<std::uint64_t>(trial) + 1);
        const Values a = noisy(random, samples, 0.2, hold), b = noisy(random, samples, 0.2, hold);
        const Interval interval = bootstrapRatioOfMedians(a, b, static_cast<std::uint64_t>(trial));
        if (interval.low <= 1 && 1 <= interval.high) ++covered;
    }
    return static_cast<double>(covered) / trials;
}

TEST(StatisticsTest, TheIntervalHoldsTheTrueRatioAsOftenAsItSays) {
    // 95 % nominal; three standard deviations of 300 trials are 0.038.
    EXPECT_NEAR(coverage(100, 1), 0.95, 0.04);
    EXPECT_NEAR(coverage(250, 1), 0.95, 0.04);
}

TEST(StatisticsTest, RunsKeepTheIntervalHonestWhenNeighboursAreAlike) {
    // 60 independent levels held for 5 samples each.
    EXPECT_GT(coverage(300, 5), 0.85);
}

TEST(StatisticsTest, TheSameSeedGivesTheSameInterval) {
    Random random(3);
    const Values a = noisy(random, 300, 0.5, 1), b = noisy(random, 200, 0.5, 1);
    const Interval first = bootstrapRatioOfMedians(a, b, 9), second = bootstrapRatioOfMedians(a, b, 9);
    EXPECT_EQ(first.low, second.low);
    EXPECT_EQ(first.high, second.high);
    EXPECT_LT(first.low, first.high);
}

} // namespace
} // namespace lathe::measure
