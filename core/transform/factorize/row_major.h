#pragma once

#include <algorithm>
#include <iterator>
#include <vector>

#include <Eigen/Core>

namespace lathe::transform {

/// A matrix in the order of weights, in double.
using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Appends its elements, row after row, as weights have them.
inline void append(std::vector<float>& to, const RowMajor& matrix) {
    std::transform(matrix.data(), matrix.data() + matrix.size(), std::back_inserter(to),
                   [](double value) { return static_cast<float>(value); });
}

} // namespace lathe::transform
