#include <core/transform/prune/criteria/geometric_median.h>

#include <algorithm>
#include <cmath>

#include <Eigen/Core>

namespace lathe::transform {

namespace {

/// The weights of one slice, a row for each channel; a channel with fewer than the others has zeros behind them.
Eigen::MatrixXd rowsOf(const GroupWeights& weights, std::size_t slice) {
    std::vector<Eigen::Index> counts(weights.channels(), 0);
    weights.forEachElement(slice, [&](std::size_t channel, std::size_t) { ++counts[channel]; });
    const Eigen::Index width = counts.empty() ? 0 : *std::ranges::max_element(counts);
    Eigen::MatrixXd rows = Eigen::MatrixXd::Zero(static_cast<Eigen::Index>(counts.size()), width);
    std::ranges::fill(counts, 0);
    weights.forEachElement(slice, [&](std::size_t channel, std::size_t at) {
        rows(static_cast<Eigen::Index>(channel), counts[channel]++) = static_cast<double>(weights.values[slice][at]);
    });
    return rows;
}

std::vector<double> scores(const GroupWeights& weights) {
    std::vector<double> sums(weights.channels(), 0);
    for (std::size_t slice = 0; slice < weights.values.size(); ++slice) {
        if (weights.group->weights[slice].role == SliceRole::Vector) continue;
        const Eigen::MatrixXd rows = rowsOf(weights, slice);
        const Eigen::MatrixXd products = rows * rows.transpose();
        for (Eigen::Index one = 0; one < products.rows(); ++one) {
            for (Eigen::Index other = 0; other < products.rows(); ++other)
                sums[static_cast<std::size_t>(one)] +=
                    std::sqrt(std::max(products(one, one) + products(other, other) - 2 * products(one, other), 0.0));
        }
    }
    return sums;
}

} // namespace

const Criterion geometricMedian{.ofWeights = &scores};

} // namespace lathe::transform
