#pragma once

#include <Eigen/Core>

namespace lathe::transform {

/// Eigenvalues and eigenvectors of a symmetric matrix that has no negative ones but by roundoff: the largest first.
struct Spectrum {
    Eigen::VectorXd values;  ///< not negative, not rising
    Eigen::MatrixXd vectors; ///< a column for each, orthonormal

    explicit Spectrum(const Eigen::MatrixXd& symmetric);
};

} // namespace lathe::transform
