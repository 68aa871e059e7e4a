#include <core/transform/prune/channel_scores.h>

#include <algorithm>
#include <set>

#include <core/graph/operators/call.h>

namespace lathe::transform {

ChannelScores::ChannelScores(const graph::Graph& graph, std::span<const DependencyGroup> groups, const Criterion& criterion)
    : m_graph(graph), m_nodes(graph), m_groups(groups), m_criterion(criterion) {
    if (!criterion.needsActivity()) return;
    for (const DependencyGroup& group : groups) {
        auto& activity = m_activity.emplace_back();
        if (!group.obstacle.empty()) continue;
        std::set<graph::ValueId> read;
        for (const WeightSlice& slice : group.weights) {
            const graph::Node* reader = slice.role == SliceRole::Input ? m_nodes.find(slice.node) : nullptr;
            if (reader == nullptr) continue;
            for (const graph::Operand& operand : reader->operands) { // a product of matrices has its weight on either side
                if (operand.isValue()) read.insert(operand.value());
            }
        }
        for (const ValueSlice& slice : group.values) {
            if (read.contains(slice.value)) activity.try_emplace(slice.value, slice.axis, slice.channels);
        }
    }
}

std::vector<graph::ValueId> ChannelScores::values() const {
    std::set<graph::ValueId> all;
    for (const auto& activity : m_activity) {
        for (const auto& [value, seen] : activity)
            all.insert(value);
    }
    return {all.begin(), all.end()};
}

void ChannelScores::addActivity(graph::ValueId value, const tensor::Tensor& values) {
    for (auto& activity : m_activity) {
        if (const auto found = activity.find(value); found != activity.end()) found->second.add(values);
    }
}

base::Result<std::vector<graph::ValueId>> ChannelScores::weights() {
    std::vector<graph::ValueId> wanted;
    std::map<graph::ValueId, std::size_t> places;
    for (std::size_t group = 0; group < m_groups.size(); ++group) {
        if (!m_groups[group].obstacle.empty()) continue;
        auto weights = GroupWeights::of(m_graph, m_nodes, m_groups[group]);
        if (!weights) return base::forward(weights);
        Gradients gradients{group, std::move(*weights), {}, std::vector<double>(weights->channels(), 0)};
        for (const WeightSlice& slice : m_groups[group].weights) {
            const auto [place, isNew] = places.try_emplace(slice.weight, wanted.size());
            if (isNew) wanted.push_back(slice.weight);
            gradients.places.push_back(place->second);
        }
        m_gradients.push_back(std::move(gradients));
    }
    return wanted;
}

void ChannelScores::addGradients(const std::vector<tensor::Tensor>& gradients) {
    for (Gradients& own : m_gradients) {
        std::vector<tensor::Tensor> whole;
        std::vector<std::span<const float>> numbers;
        for (const std::size_t place : own.places)
            numbers.push_back(whole.emplace_back(gradients[place].contiguous()).values<float>());
        m_criterion.addGradients(own.weights, numbers, own.sums);
    }
}

base::Result<std::vector<double>> ChannelScores::of(std::size_t group) {
    if (m_criterion.needsActivity()) {
        std::vector<const GroupActivity*> seen;
        for (const auto& [value, activity] : m_activity[group])
            seen.push_back(&activity);
        return m_criterion.ofActivity(seen, static_cast<std::size_t>(m_groups[group].channels));
    }
    if (m_criterion.needsGradients()) {
        const auto found = std::ranges::find(m_gradients, group, &Gradients::group);
        return found == m_gradients.end() ? std::vector<double>() : found->sums;
    }
    const auto weights = GroupWeights::of(m_graph, m_nodes, m_groups[group]);
    if (!weights) return base::forward(weights);
    return m_criterion.ofWeights(*weights);
}

} // namespace lathe::transform
