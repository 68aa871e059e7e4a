#include <core/measure/pair_quality.h>

#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

namespace lathe::measure {
namespace {

/// By the definitions: a rank is how many are smaller, and half of those that are equal; Pearson's correlation of the ranks.
double reference(const std::vector<double>& a, const std::vector<double>& b) {
    const auto ranks = [](const std::vector<double>& values) {
        std::vector<double> found;
        for (const double value : values) {
            double smaller = 0, equal = 0;
            for (const double other : values) {
                smaller += other < value ? 1 : 0;
                equal += other == value ? 1 : 0;
            }
            found.push_back(smaller + (equal + 1) / 2);
        }
        return found;
    };
    const std::vector<double> x = ranks(a), y = ranks(b);
    const auto count = static_cast<double>(x.size());
    double meanX = 0, meanY = 0, product = 0, squaresX = 0, squaresY = 0;
    for (std::size_t at = 0; at < x.size(); ++at) {
        meanX += x[at] / count;
        meanY += y[at] / count;
    }
    for (std::size_t at = 0; at < x.size(); ++at) {
        product += (x[at] - meanX) * (y[at] - meanY);
        squaresX += std::pow(x[at] - meanX, 2);
        squaresY += std::pow(y[at] - meanY, 2);
    }
    return product / std::sqrt(squaresX * squaresY);
}

TEST(SpearmanCorrelation, IsWhatTheDefinitionSays) {
    std::mt19937 generator(5);
    for (const unsigned different : {3U, 10U, 1000U}) { // few numbers: many ties
        std::vector<double> a, b;
        for (int at = 0; at < 60; ++at) {
            a.push_back(generator() % different);
            b.push_back(a.back() / 2 + generator() % different);
        }
        EXPECT_NEAR(*spearmanCorrelation(a, b), reference(a, b), 1e-12) << different;
    }
}

TEST(SpearmanCorrelation, OnlyTheOrderCounts) {
    const std::vector<double> a{0.1, 0.5, 0.2, 0.9}, squared{0.01, 0.25, 0.04, 0.81}, down{-1, -5, -2, -9}, same{1, 1, 1, 1};
    EXPECT_DOUBLE_EQ(*spearmanCorrelation(a, squared), 1);
    EXPECT_DOUBLE_EQ(*spearmanCorrelation(a, down), -1);
    EXPECT_FALSE(spearmanCorrelation(a, same));
    EXPECT_FALSE(spearmanCorrelation(std::span(a).first(1), std::span(a).first(1)));
    const std::vector<double> broken{1, std::numeric_limits<double>::quiet_NaN(), 2, 3};
    EXPECT_TRUE(std::isnan(*spearmanCorrelation(a, broken)));
}

/// Four pairs at 0, 90, 45 and 180 degrees, of any length, and scores in the same order but for one.
const std::vector<float> first{1, 0, 2, 0, 1, 0, 3, 0}, second{5, 0, 0, 1, 2, 2, -1, 0}, scores{5, 2, 4, 3};

TEST(PairMeter, MeasuresSimilaritiesOfPairs) {
    PairMeter sides(2);
    sides.add(std::span(first).first(2), std::span(second).first(2), std::span(scores).first(1));
    sides.add(std::span(first).subspan(2), std::span(second).subspan(2), std::span(scores).subspan(1));
    const std::vector<double> expected{1, 0, std::sqrt(0.5), -1};
    ASSERT_EQ(sides.similarities().size(), expected.size());
    for (std::size_t at = 0; at < expected.size(); ++at)
        EXPECT_NEAR(sides.similarities()[at], expected[at], 1e-12);
    EXPECT_NEAR(*sides.result().spearman, reference(expected, {5, 2, 4, 3}), 1e-12);
    EXPECT_NEAR(*sides.result().spearman, 0.8, 1e-12);
    EXPECT_EQ(sides.result().samples, 4);
}

TEST(PairMeter, TwoRowsArePairsWhereverACallEnds) {
    std::vector<float> rows, rowScores;
    for (std::size_t pair = 0; pair < 4; ++pair) {
        rows.insert(rows.end(), {first[2 * pair], first[2 * pair + 1], second[2 * pair], second[2 * pair + 1]});
        rowScores.insert(rowScores.end(), {scores[pair], -7}); // of the second row it does not count
    }
    for (const std::size_t inCall : {1U, 3U, 8U}) {
        PairMeter meter(2);
        for (std::size_t begin = 0; begin < 8; begin += inCall) {
            const std::size_t count = std::min<std::size_t>(inCall, 8 - begin);
            meter.addRows(std::span(rows).subspan(2 * begin, 2 * count), std::span(rowScores).subspan(begin, count));
        }
        EXPECT_NEAR(*meter.result().spearman, 0.8, 1e-12) << inCall;
        EXPECT_EQ(meter.result().samples, 8);
    }
    PairMeter odd(2);
    odd.addRows(std::span(rows).first(6), std::span(rowScores).first(3));
    EXPECT_EQ(odd.similarities().size(), 1U);
    EXPECT_FALSE(odd.result().spearman);
}

TEST(PairMeter, ZerosAndWhatIsNotFinite) {
    PairMeter meter(2);
    meter.add(std::vector<float>{0, 0, 1, 1}, std::vector<float>{1, 0, std::numeric_limits<float>::infinity(), 1}, {});
    EXPECT_EQ(meter.similarities()[0], 0);
    EXPECT_TRUE(std::isnan(meter.similarities()[1]));
    EXPECT_EQ(meter.result().nonFinite, 1);
    EXPECT_FALSE(meter.result().spearman) << "nobody knows the scores";
}

} // namespace
} // namespace lathe::measure
