#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <core/measure/result.h>

namespace lathe::measure {

/// Quality of models that give numbers (regression): collected batch by batch, nothing of a batch is kept. Free of torch.
class NumberMeter {
public:
    /// `columns`: numbers for each sample.
    explicit NumberMeter(std::int64_t columns);
    /// Both rows × columns, row-major.
    void add(std::span<const float> outputs, std::span<const float> labels);
    /// mse, mae over all numbers; r2 = 1 − Σ(label − output)² / Σ(label − mean label)² of each column, as mean over the columns whose
    /// labels are not all the same (unset when there is none): what scikit-learn's r2_score gives by default where none is constant. A row
    /// with NaN or infinity is counted in nonFinite and makes them NaN.
    [[nodiscard]] Quality result() const;

private:
    struct Column {
        double squaredError = 0, mean = 0, squaredDeviation = 0; ///< of the labels, by Welford's method
    };
    std::vector<Column> m_columns;
    double m_absoluteError = 0;
    std::int64_t m_rows = 0, m_nonFinite = 0;
};

} // namespace lathe::measure
