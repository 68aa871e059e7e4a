#pragma once

#include <map>
#include <span>
#include <vector>

#include <core/transform/prune/criteria/criterion.h>

namespace lathe::transform {

/// The scores of dependency groups by one criterion, which is shown what it needs first:
///
///     ChannelScores scores(graph, groups, criterion);
///     if (criterion.needsActivity()) … scores.addActivity(id, values) for each of scores.values() of each batch
///     if (criterion.needsGradients()) … scores.addGradients(gradients of scores.weights()) for each sample
///     scores.of(group)
class ChannelScores {
public:
    /// All must outlive this. Groups with an obstacle are left alone.
    ChannelScores(const graph::Graph& graph, std::span<const DependencyGroup> groups, const Criterion& criterion);

    /// The values to observe: what the layers that read the channels of the groups get.
    [[nodiscard]] std::vector<graph::ValueId> values() const;
    /// Float32.
    void addActivity(graph::ValueId value, const tensor::Tensor& values);

    /// The weights to find gradients by, each once. Rejected when one is quantized or holds NaN or infinity.
    [[nodiscard]] base::Result<std::vector<graph::ValueId>> weights();
    /// Float32, of weights(), in their shapes.
    void addGradients(const std::vector<tensor::Tensor>& gradients);

    /// For each channel of that group (its place among them), the lowest go first; empty when the criterion has nothing to go by
    /// (criterion.missing). Rejected when a weight of the group is quantized or holds NaN or infinity.
    [[nodiscard]] base::Result<std::vector<double>> of(std::size_t group);

private:
    const graph::Graph& m_graph;
    graph::NodeIndex m_nodes;
    std::span<const DependencyGroup> m_groups;
    const Criterion& m_criterion;

    std::vector<std::map<graph::ValueId, GroupActivity>> m_activity; ///< by group

    struct Gradients {
        std::size_t group;
        GroupWeights weights;
        std::vector<std::size_t> places; ///< of each of its weights in those that were asked for
        std::vector<double> sums;
    };
    std::vector<Gradients> m_gradients;
};

} // namespace lathe::transform
