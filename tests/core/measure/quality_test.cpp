#include <core/measure/quality.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

namespace lathe::measure {
namespace {

constexpr float nan = std::numeric_limits<float>::quiet_NaN();
constexpr float infinity = std::numeric_limits<float>::infinity();

Quality measured(std::int64_t classes, const std::vector<float>& logits, const std::vector<std::int64_t>& labels) {
    QualityMeter meter(classes);
    meter.add(logits, labels);
    return meter.result();
}

/// The definitions, one after another, over predictions and labels of finite rows.
Quality reference(std::int64_t classes, const std::vector<float>& logits, const std::vector<std::int64_t>& labels) {
    const auto n = static_cast<std::size_t>(classes);
    Quality q;
    q.confusion.assign(n, std::vector<std::int64_t>(n, 0));
    double loss = 0, correct = 0, top5 = 0;
    for (std::size_t row = 0; row < labels.size(); ++row) {
        const float* x = &logits[row * n];
        std::vector<std::size_t> order(n);
        for (std::size_t i = 0; i < n; ++i)
            order[i] = i;
        std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return x[a] > x[b]; });
        const auto label = static_cast<std::size_t>(labels[row]);
        long double sum = 0;
        for (std::size_t i = 0; i < n; ++i)
            sum += std::exp(static_cast<long double>(x[i]));
        loss += static_cast<double>(-std::log(std::exp(static_cast<long double>(x[label])) / sum));
        correct += order[0] == label;
        top5 += std::find(order.begin(), order.begin() + std::min<std::ptrdiff_t>(5, classes), label) !=
                order.begin() + std::min<std::ptrdiff_t>(5, classes);
        q.predictions.push_back(static_cast<std::int32_t>(order[0]));
        ++q.confusion[label][order[0]];
    }
    double precision = 0, recall = 0, f1 = 0, occurring = 0;
    for (std::size_t c = 0; c < n; ++c) {
        double hit = static_cast<double>(q.confusion[c][c]), labelled = 0, predicted = 0;
        for (std::size_t other = 0; other < n; ++other) {
            labelled += static_cast<double>(q.confusion[c][other]);
            predicted += static_cast<double>(q.confusion[other][c]);
        }
        const double p = predicted > 0 ? hit / predicted : 0, r = labelled > 0 ? hit / labelled : 0;
        if (labelled + predicted == 0) continue;
        ++occurring;
        precision += p;
        recall += r;
        f1 += p + r > 0 ? 2 * p * r / (p + r) : 0;
    }
    const auto rows = static_cast<double>(labels.size());
    q.loss = loss / rows;
    q.accuracy = correct / rows;
    q.top5 = top5 / rows;
    q.precision = precision / occurring;
    q.recall = recall / occurring;
    q.f1 = f1 / occurring;
    return q;
}

TEST(QualityTest, AgreesWithTheDefinitions) {
    std::mt19937_64 random(11);
    for (const std::int64_t classes : {1, 2, 3, 5, 6, 10}) {
        for (const std::size_t rows : {1U, 7U, 200U}) {
            std::vector<float> logits(rows * static_cast<std::size_t>(classes));
            for (float& x : logits)
                x = static_cast<float>(random() % 9) - 4; // few values: many ties
            std::vector<std::int64_t> labels(rows);
            // The last class neither occurs as a label, nor always as a prediction.
            for (std::int64_t& label : labels)
                label = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(std::max<std::int64_t>(1, classes - 1)));
            const Quality actual = measured(classes, logits, labels), expected = reference(classes, logits, labels);
            SCOPED_TRACE(std::to_string(classes) + " classes, " + std::to_string(rows) + " rows");
            EXPECT_EQ(actual.samples, static_cast<std::int64_t>(rows));
            EXPECT_NEAR(*actual.loss, *expected.loss, 1e-12);
            EXPECT_DOUBLE_EQ(*actual.accuracy, *expected.accuracy);
            EXPECT_DOUBLE_EQ(*actual.top5, *expected.top5);
            EXPECT_NEAR(*actual.precision, *expected.precision, 1e-12);
            EXPECT_NEAR(*actual.recall, *expected.recall, 1e-12);
            EXPECT_NEAR(*actual.f1, *expected.f1, 1e-12);
            EXPECT_EQ(actual.confusion, expected.confusion);
            EXPECT_EQ(actual.predictions, expected.predictions);
        }
    }
}

TEST(QualityTest, BatchesMakeNoDifference) {
    const std::vector<float> logits{1, 2, 3, 1, 0, 5};
    const std::vector<std::int64_t> labels{1, 0, 1};
    QualityMeter meter(2);
    meter.add(std::span(logits).first(2), std::span(labels).first(1));
    meter.add({}, {});
    meter.add(std::span(logits).subspan(2), std::span(labels).subspan(1));
    const Quality whole = measured(2, logits, labels);
    EXPECT_EQ(meter.result().confusion, whole.confusion);
    EXPECT_EQ(meter.result().loss, whole.loss);
    EXPECT_EQ(*whole.accuracy, 1);
}

TEST(QualityTest, NothingMeasuredHasNoFigures) {
    const Quality none = QualityMeter(3).result();
    EXPECT_EQ(none.samples, 0);
    EXPECT_FALSE(none.loss || none.accuracy || none.top5 || none.precision || none.recall || none.f1);
    EXPECT_TRUE(none.confusion.empty());
}

TEST(QualityTest, WithoutLabelsThereAreOnlyPredictions) {
    const Quality quality = measured(3, {0, 2, 1, 5, 5, 1}, {});
    EXPECT_EQ(quality.samples, 2);
    EXPECT_EQ(quality.predictions, (std::vector<std::int32_t>{1, 0}));
    EXPECT_FALSE(quality.accuracy);
    EXPECT_FALSE(quality.loss);
    EXPECT_TRUE(quality.confusion.empty());
}

TEST(QualityTest, LargeLogitsDoNotOverflow) {
    const Quality quality = measured(2, {1e38F, -1e38F, 3e38F, 3e38F}, {0, 1});
    EXPECT_NEAR(*quality.loss, std::log(2.0) / 2, 1e-12);
}

TEST(QualityTest, OutputsThatAreNotFiniteAreCountedAndNeverCorrect) {
    const Quality quality = measured(2, {nan, 1, 1, infinity, 0, 1, -infinity, 1}, {1, 1, 1, 1});
    EXPECT_EQ(quality.nonFinite, 3);
    EXPECT_EQ(quality.predictions, (std::vector<std::int32_t>{-1, -1, 1, -1}));
    EXPECT_DOUBLE_EQ(*quality.accuracy, 0.25);
    EXPECT_DOUBLE_EQ(*quality.top5, 0.25);
    EXPECT_DOUBLE_EQ(*quality.recall, 0.25);
    EXPECT_DOUBLE_EQ(*quality.precision, 1);
    EXPECT_TRUE(std::isnan(*quality.loss));
    EXPECT_EQ(quality.confusion, (std::vector<std::vector<std::int64_t>>{{0, 0}, {0, 1}}));
}

TEST(QualityTest, ManyClassesHaveNoConfusionMatrixButAllFigures) {
    const std::int64_t classes = QualityMeter::maxConfusionClasses + 1;
    std::vector<float> logits(static_cast<std::size_t>(classes), 0);
    logits[7] = 1;
    const Quality quality = measured(classes, logits, {7});
    EXPECT_TRUE(quality.confusion.empty());
    EXPECT_EQ(*quality.f1, 1);
}

TEST(QualityTest, FlipsAndAgreement) {
    Quality before, after;
    EXPECT_FALSE(agreement(before, after));
    EXPECT_TRUE(flips(before, after, {}).empty());
    before.predictions = {1, 2, 3, -1, 4};
    after.predictions = {1, 0, 3, -1, -1};
    EXPECT_DOUBLE_EQ(agreement(before, after).value(), 0.4);
    const std::vector<std::int64_t> labels{1, 2, 2, 2, 9};
    const auto all = flips(before, after, labels);
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].sample, 1);
    EXPECT_EQ(all[0].label, 2);
    EXPECT_EQ(all[0].before, 2);
    EXPECT_EQ(all[0].after, 0);
    EXPECT_EQ(all[1].sample, 4);
    EXPECT_EQ(all[1].after, -1);
    EXPECT_EQ(flips(before, after, labels, 1).size(), 1U);
    EXPECT_EQ(flips(before, after, {})[0].label, -1);
}

TEST(QualityTest, TopOneOfWhatIsNoClassMeansNothing) {
    Quality before, after;
    before.predictions = after.predictions = {2, 2, 2}; // the same of four coordinates is always the largest
    EXPECT_FALSE(looksLikeClasses(before));
    EXPECT_FALSE(agreement(before, after));
    after.predictions = {2, 2, 0};
    EXPECT_FALSE(agreement(before, after));
    EXPECT_TRUE(flips(before, after, {}).empty());
    EXPECT_EQ(agreement(after, before).value(), 2.0 / 3);
    before.accuracy = 0.5; // there are labels: classes it is, however dull the model
    EXPECT_EQ(agreement(before, after).value(), 2.0 / 3);
    EXPECT_EQ(flips(before, after, {}).size(), 1U);
    after.predictions.clear();
    EXPECT_FALSE(agreement(before, after));
}

} // namespace
} // namespace lathe::measure
