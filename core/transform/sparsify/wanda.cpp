#include <core/transform/sparsify/wanda.h>

#include <cmath>

namespace lathe::transform {

std::vector<double> wandaScores(const WeightRows& rows, std::span<const float> matrix, std::span<const double> squares) {
    std::vector<double> scores(matrix.size());
    const auto columns = static_cast<std::size_t>(rows.columns()), inGroup = static_cast<std::size_t>(rows.outputs) * columns;
    for (std::size_t i = 0; i < scores.size(); ++i)
        scores[i] = std::fabs(static_cast<double>(matrix[i])) * std::sqrt(squares[i / inGroup * columns + i % columns]);
    return scores;
}

} // namespace lathe::transform
