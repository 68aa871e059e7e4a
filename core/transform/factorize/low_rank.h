#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace lathe::transform {

/// A matrix [rows, columns] as a sum of products of a column and a row, the most important first: the first r of them are the best matrix
/// of rank r. The two factors of each are equally large, so that both keep their digits when they are rounded.
struct LowRank {
    std::int64_t rows = 0, columns = 0;
    std::vector<double> energies; ///< what each adds to the sum of squares (of the matrix, or of the outputs), not rising; at least one
    std::vector<double> left;     ///< [rows, size()]; its columns are orthogonal
    std::vector<double> right;    ///< [size(), columns]

    [[nodiscard]] std::int64_t size() const { return static_cast<std::int64_t>(energies.size()); }
    /// The first `rank` columns of `left`, and rows of `right`, by rows.
    [[nodiscard]] std::vector<float> leftFactor(std::int64_t rank) const;
    [[nodiscard]] std::vector<float> rightFactor(std::int64_t rank) const;
    /// Their product, [rows, columns].
    [[nodiscard]] std::vector<float> product(std::int64_t rank) const;
    /// What remains of a vector of `rows` numbers in the space of the first `rank` columns of `left`.
    [[nodiscard]] std::vector<double> projected(std::span<const double> vector, std::int64_t rank) const;
};

/// The singular value decomposition: the least ‖W − Ŵ‖ for each rank (C. Eckart, G. Young, 1936). Neither side may be 0.
[[nodiscard]] LowRank lowRank(std::span<const float> matrix, std::int64_t rows, std::int64_t columns);

/// The same for the least error of the outputs, E‖(W − Ŵ)x‖², where `outputs` [rows, rows] is the moment (or covariance) of W·x: the
/// outputs' principal components (X. Zhang et al., Accelerating Very Deep Convolutional Networks for Classification and Detection, PAMI
/// 2016, arXiv:1505.06798; the same optimum as SVD-LLM's whitening, arXiv:2403.07378). Directions in which the samples tell nothing count
/// by their weights.
[[nodiscard]] LowRank lowRankOfOutputs(std::span<const float> matrix, std::int64_t rows, std::int64_t columns,
                                       std::span<const double> outputs);
/// The same from the moment of the inputs x, [columns, columns]: cheaper where there are fewer of them.
[[nodiscard]] LowRank lowRankForInputs(std::span<const float> matrix, std::int64_t rows, std::int64_t columns,
                                       std::span<const double> inputs);

} // namespace lathe::transform
