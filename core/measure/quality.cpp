#include <core/measure/quality.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace lathe::measure {
namespace {

constexpr std::int64_t topCount = 5;

bool isFinite(std::span<const float> row) {
    return std::all_of(row.begin(), row.end(), [](float value) { return std::isfinite(value); });
}

/// −log softmax(row)[label], with the largest logit taken out so that nothing overflows.
double crossEntropy(std::span<const float> row, std::size_t label) {
    const double largest = *std::max_element(row.begin(), row.end());
    double sum = 0;
    for (const float value : row)
        sum += std::exp(static_cast<double>(value) - largest);
    return std::log(sum) + (largest - static_cast<double>(row[label]));
}

/// How many classes come before `label`; of equal logits the lower index comes first.
std::int64_t rank(std::span<const float> row, std::size_t label) {
    std::int64_t before = 0;
    for (std::size_t i = 0; i < row.size(); ++i)
        if (row[i] > row[label] || (row[i] == row[label] && i < label)) ++before;
    return before;
}

double ratio(double part, double whole) { return whole > 0 ? part / whole : 0; }

} // namespace

QualityMeter::QualityMeter(std::int64_t classes, Rows rows)
    : m_classes(classes), m_rows(rows), m_counts(static_cast<std::size_t>(classes)) {
    assert(classes > 0);
    if (classes <= maxConfusionClasses) {
        const auto size = static_cast<std::size_t>(classes);
        m_quality.confusion.assign(size, std::vector<std::int64_t>(size, 0));
    }
}

void QualityMeter::add(std::span<const float> logits, std::span<const std::int64_t> labels) {
    const auto classes = static_cast<std::size_t>(m_classes);
    assert(logits.size() % classes == 0);
    const std::size_t rows = logits.size() / classes;
    assert(labels.empty() || labels.size() == rows);
    for (std::size_t i = 0; i < rows; ++i) {
        const auto row = logits.subspan(i * classes, classes);
        const bool finite = isFinite(row);
        const auto prediction = static_cast<std::int32_t>(finite ? std::max_element(row.begin(), row.end()) - row.begin() : -1);
        if (m_rows == Rows::Samples) m_quality.predictions.push_back(prediction);
        ++m_quality.samples;
        if (!finite) ++m_quality.nonFinite;
        if (labels.empty()) continue;

        assert(labels[i] >= 0 && labels[i] < m_classes);
        const auto label = static_cast<std::size_t>(labels[i]);
        ++m_labelled;
        ++m_counts[label].labelled;
        // The loss of a model that answers with NaN is not a number; leaving such samples out would flatter it.
        m_lossSum += finite ? crossEntropy(row, label) : std::numeric_limits<double>::quiet_NaN();
        if (!finite) continue;
        if (rank(row, label) < topCount) ++m_top5;
        const auto predicted = static_cast<std::size_t>(prediction);
        ++m_counts[predicted].predicted;
        if (predicted == label) ++m_counts[label].correct;
        if (!m_quality.confusion.empty()) ++m_quality.confusion[label][predicted];
    }
}

Quality QualityMeter::result() const {
    Quality quality = m_quality;
    if (m_labelled == 0) {
        quality.confusion.clear();
        return quality;
    }
    const auto labelled = static_cast<double>(m_labelled);
    double correct = 0, precision = 0, recall = 0, f1 = 0, overlap = 0, occurring = 0;
    for (const ClassCount& count : m_counts) {
        const auto hits = static_cast<double>(count.correct);
        const auto all = static_cast<double>(count.labelled + count.predicted);
        quality.classPrecision.push_back(ratio(hits, static_cast<double>(count.predicted)));
        quality.classRecall.push_back(ratio(hits, static_cast<double>(count.labelled)));
        quality.classF1.push_back(ratio(2 * hits, all)); // = 2PR / (P + R)
        correct += hits;
        if (all == 0) continue;
        ++occurring;
        precision += quality.classPrecision.back();
        recall += quality.classRecall.back();
        f1 += quality.classF1.back();
        overlap += ratio(hits, all - hits);
    }
    quality.loss = m_lossSum / labelled;
    quality.accuracy = correct / labelled;
    if (m_rows == Rows::Samples)
        quality.top5 = static_cast<double>(m_top5) / labelled;
    else
        quality.meanIou = overlap / occurring;
    quality.precision = precision / occurring;
    quality.recall = recall / occurring;
    quality.f1 = f1 / occurring;
    return quality;
}

bool looksLikeClasses(const Quality& quality) {
    const std::vector<std::int32_t>& predictions = quality.predictions;
    if (predictions.empty()) return false;
    if (quality.accuracy) return true;
    return std::any_of(predictions.begin(), predictions.end(), [&](std::int32_t prediction) { return prediction != predictions.front(); });
}

std::vector<Flip> flips(const Quality& before, const Quality& after, std::span<const std::int64_t> labels, std::size_t limit) {
    std::vector<Flip> found;
    if (!looksLikeClasses(before) || after.predictions.empty()) return found;
    assert(before.predictions.size() == after.predictions.size());
    for (std::size_t i = 0; i < before.predictions.size() && found.size() < limit; ++i) {
        if (before.predictions[i] == after.predictions[i]) continue;
        const auto label = i < labels.size() ? static_cast<std::int32_t>(labels[i]) : -1;
        found.push_back({static_cast<std::int64_t>(i), label, before.predictions[i], after.predictions[i]});
    }
    return found;
}

std::optional<double> agreement(const Quality& before, const Quality& after) {
    if (!looksLikeClasses(before) || after.predictions.empty()) return std::nullopt;
    assert(before.predictions.size() == after.predictions.size());
    std::size_t same = 0;
    for (std::size_t i = 0; i < before.predictions.size(); ++i)
        if (before.predictions[i] == after.predictions[i] && before.predictions[i] >= 0) ++same;
    return static_cast<double>(same) / static_cast<double>(before.predictions.size());
}

} // namespace lathe::measure
