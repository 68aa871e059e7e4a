#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <core/measure/result.h>

namespace lathe::measure {

/// Quality of models that answer yes or no with a score: one for each sample, or several (columns). Scores are probabilities where all are
/// between 0 and 1, otherwise logits. Free of torch.
class TruthMeter {
public:
    /// `threshold`: yes from here on, in units of the scores; nothing: 0.5 of probabilities, 0 of logits.
    TruthMeter(std::int64_t columns, std::optional<double> threshold);
    /// `scores`: rows × columns, row-major; `labels` the same with 0 and 1 (asserted).
    void add(std::span<const float> scores, std::span<const std::int64_t> labels);

    /// Are the scores taken for probabilities? What is made of a model has to be taken for the same as the model.
    [[nodiscard]] bool areProbabilities() const;
    /// accuracy of all answers, loss (binary cross-entropy, mean), auc (area under the curve of true over false positives, ties count
    /// half: the Mann-Whitney statistic), ks (Kolmogorov-Smirnov: the largest difference of both rates). One column: precision, recall and
    /// F1 macro over no and yes, confusion, predictions. Several: precision, recall and F1 of yes, and auc, as means over the columns in
    /// which they exist. A row with NaN or infinity is counted in nonFinite, and never correct; it is left out of auc and ks.
    [[nodiscard]] Quality result(bool areProbabilities) const;

private:
    std::int64_t m_columns;
    std::optional<double> m_threshold;
    std::vector<float> m_scores;
    std::vector<std::uint8_t> m_labels;
};

} // namespace lathe::measure
