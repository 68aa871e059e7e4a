#pragma once

#include <functional>
#include <span>

#include <core/base/job.h>
#include <core/measure/result.h>

namespace lathe::measure {

/// Collects logits batch by batch and computes all quality figures at the end. Free of torch: rows are plain floats.
class QualityMeter {
public:
    explicit QualityMeter(std::int64_t classes);
    /// `logits`: rows × classes, row-major; `labels`: rows, or empty when there are none. Labels must be in range (asserted; checkLabels
    /// before).
    void add(std::span<const float> logits, std::span<const std::int64_t> labels);
    [[nodiscard]] Quality result() const;

private:
    std::int64_t m_classes;
    std::int64_t m_labelled = 0;
    double m_lossSum = 0;
    std::int64_t m_top5 = 0;
    Quality m_quality;
};

/// Samples whose top-1 differs, at most `limit`.
[[nodiscard]] std::vector<Flip> flips(const Quality& before, const Quality& after, std::span<const std::int64_t> labels,
                                      std::size_t limit = 1000);
/// Share of equal top-1; 1 for no samples.
[[nodiscard]] double agreement(const Quality& before, const Quality& after);

} // namespace lathe::measure
