#include <core/measure/truth_quality.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>

#include <core/measure/quality.h>

namespace lathe::measure {

namespace {

struct Scored {
    float score;
    bool isYes;
};

struct Separation {
    std::optional<double> auc, ks;
};

Separation separation(std::vector<Scored> rows) {
    std::erase_if(rows, [](const Scored& row) { return !std::isfinite(row.score); });
    std::ranges::sort(rows, {}, &Scored::score);
    const auto yes = static_cast<double>(std::ranges::count_if(rows, &Scored::isYes)), no = static_cast<double>(rows.size()) - yes;
    if (yes == 0 || no == 0) return {};
    double pairs = 0, yesBelow = 0, noBelow = 0, ks = 0;
    for (std::size_t begin = 0; begin < rows.size();) { // rows of one score at a time
        double tiedYes = 0, tiedNo = 0;
        std::size_t end = begin;
        for (; end < rows.size() && rows[end].score == rows[begin].score; ++end)
            ++(rows[end].isYes ? tiedYes : tiedNo);
        pairs += tiedYes * (noBelow + tiedNo / 2);
        yesBelow += tiedYes;
        noBelow += tiedNo;
        ks = std::max(ks, std::abs(noBelow / no - yesBelow / yes));
        begin = end;
    }
    return {pairs / (yes * no), ks};
}

/// −log of the probability that the score gives to the label; of a logit without overflow.
double crossEntropy(double score, bool isYes, bool isProbability) {
    if (isProbability) return -std::log(std::max(isYes ? score : 1 - score, 1e-12));
    const double signedScore = isYes ? score : -score;
    return signedScore > 0 ? std::log1p(std::exp(-signedScore)) : std::log1p(std::exp(signedScore)) - signedScore;
}

double ratio(double part, double whole) { return whole > 0 ? part / whole : 0; }

} // namespace

TruthMeter::TruthMeter(std::int64_t columns, std::optional<double> threshold) : m_columns(columns), m_threshold(threshold) {
    assert(columns > 0);
}

void TruthMeter::add(std::span<const float> scores, std::span<const std::int64_t> labels) {
    assert(scores.size() == labels.size() && scores.size() % static_cast<std::size_t>(m_columns) == 0);
    m_scores.insert(m_scores.end(), scores.begin(), scores.end());
    for (const std::int64_t label : labels) {
        assert(label == 0 || label == 1);
        m_labels.push_back(static_cast<std::uint8_t>(label));
    }
}

bool TruthMeter::areProbabilities() const {
    return std::ranges::all_of(m_scores, [](float score) { return !std::isfinite(score) || (score >= 0 && score <= 1); });
}

Quality TruthMeter::result(bool areProbabilities) const {
    const double threshold = m_threshold.value_or(areProbabilities ? 0.5 : 0.0);
    const auto columns = static_cast<std::size_t>(m_columns), rows = m_scores.size() / columns;
    Quality quality;
    QualityMeter answers(2); // of one column
    std::vector<bool> isBroken(rows, false);
    double correct = 0, loss = 0, precision = 0, recall = 0, f1 = 0, auc = 0, ks = 0, withAuc = 0;
    for (std::size_t column = 0; column < columns; ++column) {
        std::vector<Scored> scored;
        double hits = 0, answered = 0, labelled = 0;
        for (std::size_t row = 0; row < rows; ++row) {
            const float score = m_scores[row * columns + column];
            const bool isYes = m_labels[row * columns + column] == 1, isFinite = std::isfinite(score);
            const bool saysYes = isFinite && static_cast<double>(score) >= threshold;
            scored.push_back({score, isYes});
            isBroken[row] = isBroken[row] || !isFinite;
            loss += isFinite ? crossEntropy(static_cast<double>(score), isYes, areProbabilities) : std::numeric_limits<double>::quiet_NaN();
            correct += isFinite && saysYes == isYes ? 1 : 0;
            hits += saysYes && isYes ? 1 : 0;
            answered += saysYes ? 1 : 0;
            labelled += isYes ? 1 : 0;
            if (columns > 1) continue;
            const std::int64_t label = isYes ? 1 : 0;
            const float margin = isFinite ? (saysYes ? 1.0F : -1.0F) : score;
            answers.add(std::vector<float>{0, margin}, std::span(&label, 1));
        }
        precision += ratio(hits, answered);
        recall += ratio(hits, labelled);
        f1 += ratio(2 * hits, answered + labelled);
        const Separation found = separation(std::move(scored));
        if (!found.auc) continue;
        ++withAuc;
        auc += *found.auc;
        ks += *found.ks;
    }
    const auto all = static_cast<double>(m_scores.size()), columnCount = static_cast<double>(columns);
    if (columns == 1) {
        quality = answers.result();
        quality.top5.reset();
    } else {
        quality.precision = precision / columnCount;
        quality.recall = recall / columnCount;
        quality.f1 = f1 / columnCount;
    }
    quality.samples = static_cast<std::int64_t>(rows);
    quality.nonFinite = std::ranges::count(isBroken, true);
    if (all > 0) {
        quality.accuracy = correct / all;
        quality.loss = loss / all;
    }
    if (withAuc > 0) {
        quality.auc = auc / withAuc;
        quality.ks = ks / withAuc;
    }
    return quality;
}

} // namespace lathe::measure
