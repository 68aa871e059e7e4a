#pragma once

#include <core/transform/prune/criteria/criterion.h>
#include <tests/support/graphs.h>
#include <tests/support/reference_interpreter.h>

namespace lathe::transform::test {

/// A group with all that a criterion may meet: two convolutions whose results are added behind batch norms, one of which reads the group's
/// own channels, and a linear layer that reads each channel as a block of features.
inline graph::Graph residualModel() {
    support::ModelBuilder model({2, 2, 4, 4});
    const auto a = model.relu("relu1", model.batchNorm("bn1", model.convolution("a", model.input(), 2, 5, {.padding = 1}), 5));
    const auto b = model.batchNorm("bn2", model.convolution("b", a, 5, 5, {.padding = 1}), 5);
    const auto sum = model.relu("relu2", model.add("add", b, a));
    return model.finish(model.linear("fc", model.flatten("flatten", sum), 80, 3));
}

struct ScoredGroup {
    explicit ScoredGroup(graph::Graph of = residualModel(), std::size_t at = 0)
        : graph(std::move(of)), nodes(graph), group(dependencyGroups(graph).at(at)), weights(*GroupWeights::of(graph, nodes, group)) {}
    ScoredGroup(const ScoredGroup&) = delete;
    ScoredGroup& operator=(const ScoredGroup&) = delete;

    graph::Graph graph;
    graph::NodeIndex nodes;
    DependencyGroup group;
    GroupWeights weights;

    /// The slow, obvious way: the elements of a slice whose index along the dimension is one of the channel's; their values and places.
    [[nodiscard]] std::vector<std::pair<double, std::size_t>> elementsOf(const WeightSlice& slice, std::size_t channel) const {
        const tensor::Tensor& data = graph.value(slice.weight).data;
        const std::vector<float> values = data.toFloats();
        std::vector<std::pair<double, std::size_t>> found;
        for (std::size_t at = 0; at < values.size(); ++at) {
            std::size_t rest = at, index = 0;
            for (std::size_t axis = data.shape().size(); axis-- > 0;) {
                const auto size = static_cast<std::size_t>(data.shape()[axis]);
                if (axis == static_cast<std::size_t>(slice.axis)) index = rest % size;
                rest /= size;
            }
            if (slice.channels[index] == static_cast<std::int32_t>(channel)) found.emplace_back(static_cast<double>(values[at]), at);
        }
        return found;
    }

    /// Numbers in the shapes of the group's weights, in the place of gradients.
    [[nodiscard]] std::vector<std::vector<float>> gradients(unsigned seed) const {
        std::vector<std::vector<float>> all;
        for (const WeightSlice& slice : group.weights)
            all.push_back(
                support::randomTensor(graph.value(slice.weight).data.shape(), seed + static_cast<unsigned>(slice.weight)).toFloats());
        return all;
    }
};

/// The places of the numbers in ascending order.
inline std::vector<std::size_t> ranks(const std::vector<double>& scores) {
    std::vector<std::size_t> order(scores.size());
    for (std::size_t i = 0; i < order.size(); ++i)
        order[i] = i;
    std::ranges::stable_sort(order, {}, [&](std::size_t i) { return scores[i]; });
    return order;
}

} // namespace lathe::transform::test
