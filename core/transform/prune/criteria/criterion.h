#pragma once

#include <span>
#include <vector>

#include <core/transform/prune/criteria/group_activity.h>
#include <core/transform/prune/criteria/group_weights.h>

namespace lathe::transform {

/// How much the channels of a dependency group matter: one number for each, the lowest go first. Exactly one of the three functions is set,
/// and says what the criterion needs. Each stands in a file pair of its own in this folder; ChannelScores runs them.
struct Criterion {
    /// From the weights alone.
    std::vector<double> (*ofWeights)(const GroupWeights& weights) = nullptr;
    /// From what the layers that read the group's channels get: an entry for each such value.
    std::vector<double> (*ofActivity)(const std::vector<const GroupActivity*>& seen, std::size_t channels) = nullptr;
    /// Adds what one sample says: the gradients of its loss by the weights, of each of group->weights in row-major order.
    void (*addGradients)(const GroupWeights& weights, const std::vector<std::span<const float>>& gradients,
                         std::span<double> scores) = nullptr;
    /// Do scores of different groups compare as they are? Otherwise they are divided by the mean of their group first where all groups are
    /// ranked together.
    bool isComparable = false;
    /// The code of the sentence why a group has no scores (an empty list).
    const char* missing = "";

    [[nodiscard]] bool needsActivity() const { return ofActivity != nullptr; }
    [[nodiscard]] bool needsGradients() const { return addGradients != nullptr; }
    [[nodiscard]] bool needsData() const { return needsActivity() || needsGradients(); }
};

} // namespace lathe::transform
