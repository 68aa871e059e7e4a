#include <core/transform/prune/dependency_groups.h>

#include <algorithm>
#include <set>
#include <unordered_map>

#include <core/graph/layer_weight.h>
#include <core/graph/operators/convolution.h>
#include <core/graph/operators/names.h>
#include <core/transform/prune/channel_walk.h>

namespace lathe::transform {

namespace {

using graph::Graph;
using graph::Node;

NodeOrder orderOf(const Graph& graph) {
    NodeOrder order;
    graph::forEachNode(graph, [&](const Node& node) { order.emplace(node.name, order.size()); });
    return order;
}

/// Where a reshape spreads the channels over several dimensions, along the one that keeps most of them apart and leads to readers.
DependencyGroup groupOf(const Graph& graph, const graph::UseIndex& uses, const NodeOrder& order, LayerNorms layerNorms, const Node& layer) {
    constexpr int mostChoices = 4;
    ChannelWalk walk(graph, uses, order, layerNorms, 0);
    DependencyGroup best = walk.walk(layer);
    for (int choice = 1; choice < std::min(walk.choices(), mostChoices); ++choice) {
        DependencyGroup other = ChannelWalk(graph, uses, order, layerNorms, choice).walk(layer);
        if (other.obstacle.empty() && (!best.obstacle.empty() || other.channels > best.channels)) best = std::move(other);
    }
    return best;
}

/// A layer that shares a concatenation with another sees only a part of the channels of the layers it is added to; the group of those holds
/// all.
bool isPartial(const DependencyGroup& group) {
    return std::ranges::any_of(group.weights, [](const WeightSlice& slice) {
        return slice.role == SliceRole::Output && std::ranges::find(slice.channels, noChannel) != slice.channels.end();
    });
}

/// Are these the output channels of a layer?
bool isOutputOf(const Graph& graph, const graph::UseIndex& uses, const Node& layer, const ValueSlice& slice) {
    const auto info = graph::weightOf(graph, uses, layer);
    const auto& shape = graph.value(slice.value).shape;
    return info && shape && slice.axis == outputAxis(layer, shape->size(), graph.value(info->weight).data.shape().size());
}

bool isWhole(const ChannelMap& channels, std::int64_t count) {
    return static_cast<std::int64_t>(channels.size()) == count && std::ranges::find(channels, noChannel) == channels.end();
}

} // namespace

std::optional<std::int64_t> channelsMadeBy(const Graph& graph, const graph::UseIndex& uses, const Node& node) {
    if (const auto info = graph::layerWeightOf(graph, uses, node)) {
        const tensor::Shape& shape = graph.value(info->weight).data.shape();
        const auto axis = static_cast<std::size_t>(node.op == graph::op::embedding ? 1 : graph::filterAxis(node));
        return axis < shape.size() ? shape[axis] : 0;
    }
    const auto recurrent = recurrentWeights(graph, node);
    return recurrent ? std::optional(recurrent->units) : std::nullopt;
}

std::vector<DependencyGroup> dependencyGroups(const Graph& graph, const base::Job& job, LayerNorms layerNorms) {
    const graph::UseIndex uses(graph);
    const NodeOrder order = orderOf(graph);
    std::vector<const Node*> layers;
    graph::forEachNode(graph, [&](const Node& node) {
        if (channelsMadeBy(graph, uses, node)) layers.push_back(&node);
    });

    std::vector<DependencyGroup> groups;
    std::unordered_map<std::string, DependencyGroup> leftOver;
    std::set<std::string> covered;
    for (const Node* layer : layers) {
        if (job.isCancelled()) return groups;
        if (covered.contains(layer->name) || leftOver.contains(layer->name)) continue;
        DependencyGroup group = groupOf(graph, uses, order, layerNorms, *layer);
        if (group.obstacle.empty() && !isPartial(group)) {
            covered.insert(group.producers.begin(), group.producers.end());
            group.layer = group.producers.front();
            groups.push_back(std::move(group));
            continue;
        }
        if (!group.obstacle.empty()) {
            // Layers that make all the same channels meet the same obstacle: a long residual stream is walked once.
            for (const ValueSlice& slice : group.values) {
                const Node* maker = uses.producer(slice.value);
                if (maker == nullptr || !isOutputOf(graph, uses, *maker, slice) || !isWhole(slice.channels, group.channels)) continue;
                DependencyGroup& same = leftOver[maker->name];
                same.layer = maker->name;
                same.channels = group.channels;
                same.affected = {maker->name};
                same.obstacle = group.obstacle;
            }
        }
        leftOver[layer->name] = std::move(group);
    }
    for (const Node* layer : layers) {
        const auto found = leftOver.find(layer->name);
        if (found == leftOver.end() || covered.contains(layer->name)) continue;
        if (found->second.obstacle.empty()) found->second.obstacle = {"prune.partOfAnother", {}};
        found->second.producers = {layer->name};
        groups.push_back(std::move(found->second));
    }
    return groups;
}

} // namespace lathe::transform
