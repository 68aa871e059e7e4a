#include <core/transform/prune/criteria/l1_norm.h>

#include <cmath>

namespace lathe::transform {

namespace {

std::vector<double> scores(const GroupWeights& weights) {
    std::vector<double> sums(weights.channels(), 0);
    for (std::size_t slice = 0; slice < weights.values.size(); ++slice) {
        if (weights.group->weights[slice].role == SliceRole::Vector) continue;
        const std::vector<float>& values = weights.values[slice];
        weights.forEachElement(slice,
                               [&](std::size_t channel, std::size_t at) { sums[channel] += std::fabs(static_cast<double>(values[at])); });
    }
    return sums;
}

} // namespace

const Criterion l1Norm{.ofWeights = &scores};

} // namespace lathe::transform
