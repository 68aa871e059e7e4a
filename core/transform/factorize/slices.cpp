#include <core/transform/factorize/slices.h>

namespace lathe::transform {

Slices slicesOf(const Filters& filters, std::int64_t group) {
    const auto values = filters.group(group);
    Slices slices(static_cast<std::size_t>(filters.kernelSize()), Eigen::MatrixXd(filters.outputs, filters.inputs));
    std::size_t from = 0;
    for (std::int64_t output = 0; output < filters.outputs; ++output) {
        for (std::int64_t input = 0; input < filters.inputs; ++input) {
            for (Eigen::MatrixXd& slice : slices)
                slice(output, input) = static_cast<double>(values[from++]);
        }
    }
    return slices;
}

std::vector<float> valuesOf(const Slices& slices) {
    std::vector<float> values;
    values.reserve(slices.size() * static_cast<std::size_t>(slices.front().size()));
    for (Eigen::Index output = 0; output < slices.front().rows(); ++output) {
        for (Eigen::Index input = 0; input < slices.front().cols(); ++input) {
            for (const Eigen::MatrixXd& slice : slices)
                values.push_back(static_cast<float>(slice(output, input)));
        }
    }
    return values;
}

} // namespace lathe::transform
