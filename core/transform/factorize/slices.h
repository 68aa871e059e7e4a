#pragma once

#include <cstdint>
#include <vector>

#include <Eigen/Core>

#include <core/transform/factorize/filters.h>

namespace lathe::transform {

/// A group's filters as one matrix [outputs, inputs] for each place of the kernel.
using Slices = std::vector<Eigen::MatrixXd>;

[[nodiscard]] Slices slicesOf(const Filters& filters, std::int64_t group);
/// Back again, in the order of Filters.
[[nodiscard]] std::vector<float> valuesOf(const Slices& slices);

} // namespace lathe::transform
