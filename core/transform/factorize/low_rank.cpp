#include <core/transform/factorize/low_rank.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include <core/transform/factorize/row_major.h>
#include <core/transform/factorize/spectrum.h>

namespace lathe::transform {

namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

/// How much a direction of the weights counts beside what the samples say, so that those they say nothing of do not come in any order.
constexpr double shareOfWeights = 1e-4;

MatrixXd asMatrix(std::span<const float> matrix, std::int64_t rows, std::int64_t columns) {
    assert(rows > 0 && columns > 0 && matrix.size() == static_cast<std::size_t>(rows * columns));
    return Eigen::Map<const Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(matrix.data(), rows, columns)
        .cast<double>();
}

/// From orthonormal columns: right = basisᵀ · W, and both sides of each product made equally large.
LowRank fromBasis(const MatrixXd& weights, MatrixXd basis, const VectorXd& energies) {
    LowRank result;
    result.rows = weights.rows();
    result.columns = weights.cols();
    MatrixXd right = basis.transpose() * weights;
    for (Eigen::Index i = 0; i < basis.cols(); ++i) {
        const double size = std::sqrt(right.row(i).norm());
        if (size <= std::numeric_limits<float>::min()) continue;
        basis.col(i) *= size;
        right.row(i) /= size;
    }
    const Eigen::Index count = basis.cols();
    result.energies.assign(energies.data(), energies.data() + count);
    result.left.resize(static_cast<std::size_t>(basis.size()));
    result.right.resize(static_cast<std::size_t>(right.size()));
    Eigen::Map<RowMajor>(result.left.data(), basis.rows(), count) = basis;
    Eigen::Map<RowMajor>(result.right.data(), count, right.cols()) = right;
    return result;
}

/// From W·L with a square L: its left singular vectors, found on its smaller side.
LowRank fromWeighted(const MatrixXd& weights, const MatrixXd& weighted) {
    if (weights.rows() <= weights.cols()) {
        const Spectrum spectrum(weighted * weighted.transpose());
        return fromBasis(weights, spectrum.vectors, spectrum.values);
    }
    const Spectrum spectrum(weighted.transpose() * weighted);
    MatrixXd basis = weighted * spectrum.vectors;
    // Roundoff makes directions of what is not there; at least one stays.
    const double least = spectrum.values(0) * 1e-14;
    Eigen::Index count = 0;
    while (count < basis.cols() && spectrum.values(count) > least)
        ++count;
    count = std::max<Eigen::Index>(count, 1);
    for (Eigen::Index i = 0; i < count; ++i) {
        const double norm = basis.col(i).norm();
        if (norm > 0) basis.col(i) /= norm;
    }
    return fromBasis(weights, basis.leftCols(count), spectrum.values);
}

/// The first `rank` columns by rows.
Eigen::Map<const RowMajor> leftOf(const LowRank& decomposition) {
    return {decomposition.left.data(), decomposition.rows, decomposition.size()};
}
Eigen::Map<const RowMajor> rightOf(const LowRank& decomposition) {
    return {decomposition.right.data(), decomposition.size(), decomposition.columns};
}

std::vector<float> floats(const RowMajor& matrix) {
    std::vector<float> values;
    values.reserve(static_cast<std::size_t>(matrix.size()));
    append(values, matrix);
    return values;
}

} // namespace

std::vector<float> LowRank::leftFactor(std::int64_t rank) const { return floats(leftOf(*this).leftCols(rank)); }

std::vector<float> LowRank::rightFactor(std::int64_t rank) const { return floats(rightOf(*this).topRows(rank)); }

std::vector<float> LowRank::product(std::int64_t rank) const { return floats(leftOf(*this).leftCols(rank) * rightOf(*this).topRows(rank)); }

std::vector<double> LowRank::projected(std::span<const double> vector, std::int64_t rank) const {
    assert(vector.size() == static_cast<std::size_t>(rows));
    const Eigen::Map<const VectorXd> whole(vector.data(), rows);
    std::vector<double> kept(vector.size(), 0);
    Eigen::Map<VectorXd> sum(kept.data(), rows);
    for (std::int64_t i = 0; i < rank; ++i) {
        const VectorXd direction = leftOf(*this).col(i);
        const double square = direction.squaredNorm();
        if (square > 0) sum += direction * (direction.dot(whole) / square);
    }
    return kept;
}

LowRank lowRank(std::span<const float> matrix, std::int64_t rows, std::int64_t columns) {
    const MatrixXd weights = asMatrix(matrix, rows, columns);
    return fromWeighted(weights, weights);
}

LowRank lowRankOfOutputs(std::span<const float> matrix, std::int64_t rows, std::int64_t columns, std::span<const double> outputs) {
    const MatrixXd weights = asMatrix(matrix, rows, columns);
    assert(outputs.size() == static_cast<std::size_t>(rows * rows));
    MatrixXd moment = Eigen::Map<const MatrixXd>(outputs.data(), rows, rows);
    const double signal = moment.trace(), square = weights.squaredNorm();
    if (!(signal > 0)) return lowRank(matrix, rows, columns);
    if (square > 0) moment += weights * weights.transpose() * (shareOfWeights * signal / square);
    const Spectrum spectrum(moment);
    return fromBasis(weights, spectrum.vectors.leftCols(std::min(rows, columns)), spectrum.values);
}

LowRank lowRankForInputs(std::span<const float> matrix, std::int64_t rows, std::int64_t columns, std::span<const double> inputs) {
    const MatrixXd weights = asMatrix(matrix, rows, columns);
    assert(inputs.size() == static_cast<std::size_t>(columns * columns));
    MatrixXd moment = Eigen::Map<const MatrixXd>(inputs.data(), columns, columns);
    const double signal = moment.trace();
    if (!(signal > 0)) return lowRank(matrix, rows, columns);
    moment.diagonal().array() += shareOfWeights * signal / static_cast<double>(columns);
    const Spectrum spectrum(moment);
    return fromWeighted(weights, weights * spectrum.vectors * spectrum.values.cwiseSqrt().asDiagonal());
}

} // namespace lathe::transform
