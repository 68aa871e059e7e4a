#include <core/transform/prune/criteria/taylor.h>

#include <map>
#include <string_view>

namespace lathe::transform {

namespace {

void add(const GroupWeights& weights, const std::vector<std::span<const float>>& gradients, std::span<double> scores) {
    // A node's inputs and outputs are not one thing that is lost: a layer may both make the group's channels and read them.
    std::map<std::pair<std::string_view, bool>, std::vector<double>> changes;
    for (std::size_t slice = 0; slice < weights.values.size(); ++slice) {
        const WeightSlice& of = weights.group->weights[slice];
        std::vector<double>& change = changes[{of.node, of.role == SliceRole::Input}];
        change.resize(weights.channels(), 0);
        weights.forEachElement(slice, [&](std::size_t channel, std::size_t at) {
            change[channel] += static_cast<double>(gradients[slice][at]) * static_cast<double>(weights.values[slice][at]);
        });
    }
    for (const auto& [node, change] : changes) {
        for (std::size_t channel = 0; channel < change.size(); ++channel)
            scores[channel] += change[channel] * change[channel];
    }
}

} // namespace

const Criterion taylor{.addGradients = &add, .isComparable = true};

} // namespace lathe::transform
