#include <core/transform/prune/criteria/fisher.h>

namespace lathe::transform {

namespace {

void add(const GroupWeights& weights, const std::vector<std::span<const float>>& gradients, std::span<double> scores) {
    for (std::size_t slice = 0; slice < weights.values.size(); ++slice) {
        weights.forEachElement(slice, [&](std::size_t channel, std::size_t at) {
            const double change = static_cast<double>(gradients[slice][at]) * static_cast<double>(weights.values[slice][at]);
            scores[channel] += change * change / 2;
        });
    }
}

} // namespace

const Criterion fisher{.addGradients = &add, .isComparable = true};

} // namespace lathe::transform
