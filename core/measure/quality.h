#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <core/measure/result.h>

namespace lathe::measure {

/// Collects logits batch by batch and computes all quality figures at the end. Free of torch: rows are plain floats.
class QualityMeter {
public:
    /// With more classes than this there is no confusion matrix: it would take classes² numbers.
    static constexpr std::int64_t maxConfusionClasses = 1000;

    /// What a row is: a sample, or one of the parts of a sample (pixel, token), of which there are too many to keep the predictions of all.
    enum class Rows { Samples, Parts };
    explicit QualityMeter(std::int64_t classes, Rows rows = Rows::Samples);
    /// `logits`: rows × classes, row-major; `labels`: rows, or empty when there are none. Labels must be in 0..classes-1 (asserted; check
    /// data from outside before). Of equal logits the lowest index wins. A row with NaN or infinity is counted in nonFinite, predicts -1,
    /// is never correct, and makes the loss NaN; it is left out of the confusion matrix.
    void add(std::span<const float> logits, std::span<const std::int64_t> labels);
    /// Of Parts with the mean intersection over union, and without top-5 and predictions; `samples` counts rows.
    [[nodiscard]] Quality result() const;

private:
    struct ClassCount {
        std::int64_t labelled = 0, predicted = 0, correct = 0;
    };

    std::int64_t m_classes;
    Rows m_rows;
    std::vector<ClassCount> m_counts;
    std::int64_t m_labelled = 0;
    double m_lossSum = 0;
    std::int64_t m_top5 = 0;
    Quality m_quality;
};

/// Whether the top-1 of these samples says anything. With labels it does. Without, an output may be anything: it is taken for scores of
/// classes when it has a row of two or more numbers for each sample and not always the same one is the largest, as in a box or a value.
[[nodiscard]] bool looksLikeClasses(const Quality& quality);

/// Samples whose top-1 differs, the first `limit`. Both results are of the same samples (asserted); none where one has no predictions.
[[nodiscard]] std::vector<Flip> flips(const Quality& before, const Quality& after, std::span<const std::int64_t> labels,
                                      std::size_t limit = 1000);
/// Share of equal top-1; nothing where `before` does not look like classes. A prediction of -1 agrees with nothing.
[[nodiscard]] std::optional<double> agreement(const Quality& before, const Quality& after);

} // namespace lathe::measure
