#include <core/transform/prune/criteria/group_weights.h>

#include <core/transform/rewrite.h>

namespace lathe::transform {

base::Result<GroupWeights> GroupWeights::of(const graph::Graph& graph, const graph::NodeIndex& nodes, const DependencyGroup& group) {
    GroupWeights weights{&graph, &nodes, &group, {}};
    for (const WeightSlice& slice : group.weights) {
        auto values = finiteValues(graph.value(slice.weight));
        if (!values) return base::forward(values, {"while.pruning", {{"layer", group.layer}}});
        weights.values.push_back(std::move(*values));
    }
    return weights;
}

std::size_t GroupWeights::innerSize(std::size_t slice) const {
    const WeightSlice& of = group->weights[slice];
    const tensor::Shape& shape = graph->value(of.weight).data.shape();
    return static_cast<std::size_t>(tensor::elementCount({shape.begin() + of.axis + 1, shape.end()}));
}

} // namespace lathe::transform
