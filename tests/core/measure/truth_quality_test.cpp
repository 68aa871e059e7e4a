#include <core/measure/truth_quality.h>

#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

namespace lathe::measure {
namespace {

/// Every pair of a yes and a no: 1 when the yes has the higher score, ½ when both are the same.
double aucOfPairs(const std::vector<float>& scores, const std::vector<std::int64_t>& labels) {
    double won = 0, pairs = 0;
    for (std::size_t yes = 0; yes < scores.size(); ++yes) {
        for (std::size_t no = 0; no < scores.size(); ++no) {
            if (labels[yes] != 1 || labels[no] != 0) continue;
            ++pairs;
            won += scores[yes] > scores[no] ? 1 : scores[yes] == scores[no] ? 0.5 : 0;
        }
    }
    return won / pairs;
}

/// Every threshold.
double ksOfThresholds(const std::vector<float>& scores, const std::vector<std::int64_t>& labels) {
    double largest = 0;
    for (const float threshold : scores) {
        double yes = 0, no = 0, yesBelow = 0, noBelow = 0;
        for (std::size_t at = 0; at < scores.size(); ++at) {
            ++(labels[at] == 1 ? yes : no);
            if (scores[at] <= threshold) ++(labels[at] == 1 ? yesBelow : noBelow);
        }
        largest = std::max(largest, std::abs(noBelow / no - yesBelow / yes));
    }
    return largest;
}

TEST(TruthQuality, IsWhatTheDefinitionsSay) {
    std::mt19937 generator(5);
    std::vector<float> scores;
    std::vector<std::int64_t> labels;
    double loss = 0, correct = 0;
    for (int at = 0; at < 60; ++at) {
        labels.push_back(static_cast<std::int64_t>(generator() % 2));
        // Coarse steps, so that there are ties.
        scores.push_back(static_cast<float>(static_cast<int>(generator() % 9) - 4 + static_cast<int>(labels.back())) / 2);
        const double probability = 1 / (1 + std::exp(-static_cast<double>(scores.back())));
        loss -= std::log(labels.back() == 1 ? probability : 1 - probability) / 60;
        correct += (scores.back() >= 0) == (labels.back() == 1) ? 1.0 / 60 : 0;
    }
    TruthMeter meter(1, {});
    meter.add(std::span(scores).first(25), std::span(labels).first(25));
    meter.add(std::span(scores).subspan(25), std::span(labels).subspan(25));
    EXPECT_FALSE(meter.areProbabilities());
    const Quality quality = meter.result(false);
    EXPECT_EQ(quality.samples, 60);
    EXPECT_NEAR(*quality.auc, aucOfPairs(scores, labels), 1e-12);
    EXPECT_NEAR(*quality.ks, ksOfThresholds(scores, labels), 1e-12);
    EXPECT_NEAR(*quality.loss, loss, 1e-9);
    EXPECT_NEAR(*quality.accuracy, correct, 1e-12);
    ASSERT_EQ(quality.confusion.size(), 2U);
    EXPECT_NEAR(static_cast<double>(quality.confusion[0][0] + quality.confusion[1][1]) / 60, correct, 1e-12);
    EXPECT_EQ(quality.predictions.size(), 60U);
    EXPECT_FALSE(quality.top5);
}

TEST(TruthQuality, ProbabilitiesAreSplitAtAHalfOrTheThreshold) {
    const std::vector<float> scores{0.2F, 0.4F, 0.6F, 0.9F};
    const std::vector<std::int64_t> labels{0, 1, 1, 1};
    TruthMeter usual(1, {}), chosen(1, 0.3);
    usual.add(scores, labels);
    chosen.add(scores, labels);
    EXPECT_TRUE(usual.areProbabilities());
    EXPECT_DOUBLE_EQ(*usual.result(true).accuracy, 0.75);
    EXPECT_DOUBLE_EQ(*chosen.result(true).accuracy, 1);
    EXPECT_DOUBLE_EQ(*usual.result(true).auc, 1);
    EXPECT_NEAR(*usual.result(true).loss, -(std::log(0.8) + std::log(0.4) + std::log(0.6) + std::log(0.9)) / 4, 1e-6);
    EXPECT_DOUBLE_EQ(*usual.result(false).accuracy, 0.75) << "as logits all say yes";
}

TEST(TruthQuality, SeveralColumnsAreMeans) {
    // Two columns: the first is always right, the second always wrong.
    const std::vector<float> scores{-1, 1, 1, -1, -1, 1, 1, -1};
    const std::vector<std::int64_t> labels{0, 0, 1, 1, 0, 0, 1, 1};
    TruthMeter meter(2, {});
    meter.add(scores, labels);
    const Quality quality = meter.result(false);
    EXPECT_EQ(quality.samples, 4);
    EXPECT_DOUBLE_EQ(*quality.accuracy, 0.5);
    EXPECT_DOUBLE_EQ(*quality.auc, 0.5);
    EXPECT_DOUBLE_EQ(*quality.f1, 0.5);
    EXPECT_TRUE(quality.predictions.empty());
    EXPECT_TRUE(quality.confusion.empty());
}

TEST(TruthQuality, OneKindOfLabelHasNoCurve) {
    TruthMeter meter(1, {});
    meter.add(std::vector<float>{1, 2}, std::vector<std::int64_t>{1, 1});
    EXPECT_FALSE(meter.result(false).auc);
    EXPECT_FALSE(meter.result(false).ks);
    EXPECT_DOUBLE_EQ(*meter.result(false).accuracy, 1);
}

TEST(TruthQuality, WhatIsNotFiniteIsNeverRight) {
    TruthMeter meter(1, {});
    meter.add(std::vector<float>{1, std::numeric_limits<float>::quiet_NaN(), -1}, std::vector<std::int64_t>{1, 0, 0});
    const Quality quality = meter.result(false);
    EXPECT_EQ(quality.nonFinite, 1);
    EXPECT_NEAR(*quality.accuracy, 2.0 / 3, 1e-12);
    EXPECT_TRUE(std::isnan(*quality.loss));
    EXPECT_DOUBLE_EQ(*quality.auc, 1);
    EXPECT_EQ(quality.predictions[1], -1);
}

} // namespace
} // namespace lathe::measure
