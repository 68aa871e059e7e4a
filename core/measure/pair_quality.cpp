#include <core/measure/pair_quality.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>

namespace lathe::measure {

namespace {

std::vector<double> ranksOf(std::span<const double> values) {
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [&](std::size_t at) { return values[at]; });
    std::vector<double> ranks(values.size());
    for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
        while (end < order.size() && values[order[end]] == values[order[begin]])
            ++end;
        const double mean = static_cast<double>(begin + end - 1) / 2;
        for (std::size_t at = begin; at < end; ++at)
            ranks[order[at]] = mean;
    }
    return ranks;
}

bool isFinite(std::span<const float> row) {
    return std::ranges::all_of(row, [](float value) { return std::isfinite(value); });
}

} // namespace

std::optional<double> spearmanCorrelation(std::span<const double> a, std::span<const double> b) {
    assert(a.size() == b.size());
    const auto isNan = [](double value) { return std::isnan(value); };
    if (std::ranges::any_of(a, isNan) || std::ranges::any_of(b, isNan)) return std::numeric_limits<double>::quiet_NaN();
    if (a.size() < 2) return std::nullopt;
    const std::vector<double> ranksA = ranksOf(a), ranksB = ranksOf(b);
    const double mean = static_cast<double>(a.size() - 1) / 2; // of ranks from 0 on, ties or not
    double product = 0, squaresA = 0, squaresB = 0;
    for (std::size_t at = 0; at < a.size(); ++at) {
        product += (ranksA[at] - mean) * (ranksB[at] - mean);
        squaresA += (ranksA[at] - mean) * (ranksA[at] - mean);
        squaresB += (ranksB[at] - mean) * (ranksB[at] - mean);
    }
    if (squaresA <= 0 || squaresB <= 0) return std::nullopt;
    return std::clamp(product / std::sqrt(squaresA) / std::sqrt(squaresB), -1.0, 1.0);
}

PairMeter::PairMeter(std::int64_t columns) : m_columns(static_cast<std::size_t>(columns)) { assert(columns > 0); }

void PairMeter::addPair(std::span<const float> first, std::span<const float> second) {
    double product = 0, squaresFirst = 0, squaresSecond = 0;
    for (std::size_t at = 0; at < m_columns; ++at) {
        const double a = static_cast<double>(first[at]), b = static_cast<double>(second[at]);
        product += a * b;
        squaresFirst += a * a;
        squaresSecond += b * b;
    }
    const bool areFinite = isFinite(first) && isFinite(second);
    const bool isZero = squaresFirst <= 0 || squaresSecond <= 0;
    m_nonFinite += (isFinite(first) ? 0 : 1) + (isFinite(second) ? 0 : 1);
    m_similarities.push_back(!areFinite ? std::numeric_limits<double>::quiet_NaN()
                             : isZero   ? 0
                                        : product / std::sqrt(squaresFirst) / std::sqrt(squaresSecond));
}

void PairMeter::add(std::span<const float> first, std::span<const float> second, std::span<const float> scores) {
    assert(first.size() == second.size() && first.size() % m_columns == 0);
    assert(scores.empty() || scores.size() * m_columns == first.size());
    m_rows += static_cast<std::int64_t>(first.size() / m_columns);
    for (std::size_t begin = 0; begin < first.size(); begin += m_columns)
        addPair(first.subspan(begin, m_columns), second.subspan(begin, m_columns));
    m_scores.insert(m_scores.end(), scores.begin(), scores.end());
}

void PairMeter::addRows(std::span<const float> rows, std::span<const float> scores) {
    assert(rows.size() % m_columns == 0 && (scores.empty() || scores.size() * m_columns == rows.size()));
    for (std::size_t begin = 0; begin < rows.size(); begin += m_columns) {
        const std::span<const float> row = rows.subspan(begin, m_columns);
        ++m_rows;
        if (m_first.empty()) {
            m_first.assign(row.begin(), row.end());
            if (!scores.empty()) m_scores.push_back(static_cast<double>(scores[begin / m_columns]));
        } else {
            addPair(m_first, row);
            m_first.clear();
        }
    }
}

Quality PairMeter::result() const {
    Quality quality;
    quality.samples = m_rows;
    quality.nonFinite = m_nonFinite;
    if (!m_scores.empty()) quality.spearman = spearmanCorrelation(m_similarities, std::span(m_scores).first(m_similarities.size()));
    return quality;
}

} // namespace lathe::measure
