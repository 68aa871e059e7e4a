#include <core/transform/prune/criteria/batch_norm_scale.h>

#include <cmath>

#include <core/graph/operators/call.h>

namespace lathe::transform {

namespace {

std::vector<double> scores(const GroupWeights& weights) {
    std::vector<double> sums(weights.channels(), 0);
    bool isFound = false;
    for (std::size_t slice = 0; slice < weights.values.size(); ++slice) {
        const WeightSlice& of = weights.group->weights[slice];
        if (of.role != SliceRole::Vector) continue;
        const graph::Node* node = weights.nodes->find(of.node);
        if (node == nullptr || graph::channelRule(node->op) != graph::ChannelRule::BatchNorm) continue;
        if (graph::Call(*node).value("weight") != of.weight) continue;
        isFound = true;
        weights.forEachElement(slice, [&](std::size_t channel, std::size_t at) {
            sums[channel] += std::fabs(static_cast<double>(weights.values[slice][at]));
        });
    }
    return isFound ? sums : std::vector<double>();
}

} // namespace

const Criterion batchNormScale{.ofWeights = &scores, .isComparable = true, .missing = "prune.noBatchNorm"};

} // namespace lathe::transform
