#include <core/transform/factorize/spectrum.h>

#include <Eigen/Eigenvalues>

namespace lathe::transform {

Spectrum::Spectrum(const Eigen::MatrixXd& symmetric) {
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(symmetric);
    values = solver.eigenvalues().reverse().cwiseMax(0.0);
    vectors = solver.eigenvectors().rowwise().reverse();
}

} // namespace lathe::transform
