#include <core/transform/prune/criteria/l2_norm.h>

#include <algorithm>
#include <cmath>

namespace lathe::transform {

std::vector<double> squaredNorms(const GroupWeights& weights) {
    std::vector<double> sums(weights.channels(), 0);
    for (std::size_t slice = 0; slice < weights.values.size(); ++slice) {
        if (weights.group->weights[slice].role == SliceRole::Vector) continue;
        const std::vector<float>& values = weights.values[slice];
        weights.forEachElement(slice, [&](std::size_t channel, std::size_t at) {
            const auto value = static_cast<double>(values[at]);
            sums[channel] += value * value;
        });
    }
    return sums;
}

namespace {

std::vector<double> scores(const GroupWeights& weights) {
    std::vector<double> norms = squaredNorms(weights);
    std::ranges::transform(norms, norms.begin(), [](double sum) { return std::sqrt(sum); });
    return norms;
}

} // namespace

const Criterion l2Norm{.ofWeights = &scores};

} // namespace lathe::transform
