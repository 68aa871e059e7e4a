#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <core/measure/result.h>

namespace lathe::measure {

/// Spearman's rank correlation: Pearson's of the ranks, equal numbers having the mean of theirs (what scipy.stats.spearmanr gives). Nothing
/// with fewer than two numbers or where all of a side are equal; NaN where one is NaN. `a` and `b` are equally long (asserted).
[[nodiscard]] std::optional<double> spearmanCorrelation(std::span<const double> a, std::span<const double> b);

/// Quality of models that give embeddings: how well the cosine similarity of pairs orders them. Collected batch by batch; two numbers of
/// each pair are kept. Free of torch.
class PairMeter {
public:
    /// `columns`: numbers of an embedding.
    explicit PairMeter(std::int64_t columns);
    /// Both sides of pairs, rows × columns each, row-major, and the score of each pair; no scores: they are not known.
    void add(std::span<const float> first, std::span<const float> second, std::span<const float> scores);
    /// Rows of which each two, one behind the other, are a pair, also where a call ends between them; the score is that of the first. A
    /// last row without a second is left out.
    void addRows(std::span<const float> rows, std::span<const float> scores);

    /// Of each pair; 0 where a side is all zeros, NaN where one is not finite.
    [[nodiscard]] const std::vector<double>& similarities() const { return m_similarities; }
    [[nodiscard]] std::int64_t columns() const { return static_cast<std::int64_t>(m_columns); }
    /// spearman of similarities and scores, unset without scores; rows with NaN or infinity are counted in nonFinite and make it NaN.
    [[nodiscard]] Quality result() const;

private:
    void addPair(std::span<const float> first, std::span<const float> second);

    std::size_t m_columns;
    std::vector<double> m_similarities, m_scores;
    std::vector<float> m_first; ///< a row whose second comes with the next call
    std::int64_t m_rows = 0, m_nonFinite = 0;
};

} // namespace lathe::measure
