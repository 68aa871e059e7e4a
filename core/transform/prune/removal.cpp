#include <core/transform/prune/removal.h>

#include <algorithm>
#include <functional>

#include <core/graph/editor.h>
#include <core/transform/rewrite.h>

namespace lathe::transform {

namespace {

std::vector<bool> removedIndices(const ChannelMap& channels, const std::vector<bool>& isRemoved) {
    std::vector<bool> indices(channels.size(), false);
    for (std::size_t i = 0; i < channels.size(); ++i)
        indices[i] = channels[i] != noChannel && isRemoved[static_cast<std::size_t>(channels[i])];
    return indices;
}

void merge(std::vector<bool>& into, const std::vector<bool>& from) {
    if (into.empty()) into.resize(from.size(), false);
    for (std::size_t i = 0; i < from.size(); ++i)
        into[i] = into[i] || from[i];
}

void lower(graph::Operand& operand, int element, std::int64_t by) {
    if (auto* list = std::get_if<std::vector<graph::Operand>>(&operand.content)) {
        return lower((*list)[static_cast<std::size_t>(element)], -1, by);
    }
    auto& literal = std::get<graph::Literal>(operand.content);
    if (element < 0) {
        std::get<std::int64_t>(literal) -= by;
    } else {
        std::get<std::vector<std::int64_t>>(literal)[static_cast<std::size_t>(element)] -= by;
    }
}

} // namespace

Removal::Removal(std::span<const GroupChoice> choices) {
    for (const auto& [group, isRemoved] : choices) {
        if (std::ranges::none_of(isRemoved, std::identity())) continue;
        for (const WeightSlice& slice : group->weights) {
            merge(m_weights[slice.weight][slice.axis], removedIndices(slice.channels, isRemoved));
            if (slice.role != SliceRole::Vector) m_owners[slice.weight] = slice.node;
        }
        for (const ValueSlice& slice : group->values)
            merge(m_values[slice.value][slice.axis], removedIndices(slice.channels, isRemoved));
        for (const CountLiteral& literal : group->literals) {
            Count& count = m_counts[{literal.node, {literal.operand, literal.element}}];
            merge(count.isRemoved, removedIndices(literal.channels, isRemoved));
            count.isFromEnd = literal.isFromEnd;
            count.isComputed = literal.isComputed;
        }
    }
}

std::map<std::string, WeightError> Removal::applyTo(graph::Graph& graph) const {
    std::map<std::string, WeightError> lost;
    for (const auto& [weight, removed] : m_weights) {
        Shrunk shrunk = shrink(graph.value(weight).data, removed);
        if (const auto owner = m_owners.find(weight); owner != m_owners.end()) {
            const std::vector<float> original = graph.value(weight).data.toFloats();
            WeightError& error = lost[owner->second]; // of all matrices of a recurrent layer
            error.signal += weightError(original, original).signal;
            error.noise += shrunk.removedSquares;
        }
        setWeight(graph, weight, std::move(shrunk.tensor));
    }
    applyToValuesAndLiterals(graph);
    return lost;
}

graph::Graph Removal::sizesOf(const graph::Graph& graph) const {
    graph::Graph sized = graph;
    for (const auto& [weight, removed] : m_weights) {
        const tensor::Tensor& whole = graph.value(weight).data;
        tensor::Shape shape = whole.shape();
        for (const auto& [axis, isRemoved] : removed)
            shape[static_cast<std::size_t>(axis)] -= std::ranges::count(isRemoved, true);
        std::vector<std::int64_t> strides(shape.size(), 0); // one number in all places
        const std::vector<std::byte> number(tensor::byteSize(whole.dtype()));
        setWeight(sized, weight, tensor::Tensor(whole.dtype(), std::move(shape), std::move(strides), tensor::Storage::copyOf(number), 0));
    }
    applyToValuesAndLiterals(sized);
    return sized;
}

void Removal::applyToValuesAndLiterals(graph::Graph& graph) const {
    for (const auto& [value, removed] : m_values) {
        for (const auto& [axis, isRemoved] : removed)
            (*graph.value(value).shape)[static_cast<std::size_t>(axis)].size -= std::ranges::count(isRemoved, true);
    }
    if (m_counts.empty()) return;
    graph::Editor editor(graph);
    for (const auto& [place, count] : m_counts) {
        graph::Node& node = *editor.findNode(place.first);
        const auto position = static_cast<std::size_t>(place.second.first);
        graph::Operand lowered = node.operands[position];
        const auto removed = std::ranges::count(count.isRemoved, true);
        if (count.isComputed) {
            auto& list = std::get<std::vector<graph::Operand>>(lowered.content);
            list[static_cast<std::size_t>(place.second.second)] =
                graph::Literal(static_cast<std::int64_t>(std::ssize(count.isRemoved) - removed));
        } else {
            lower(lowered, place.second.second, count.isFromEnd ? -removed : removed);
        }
        editor.setOperand(node, position, std::move(lowered));
    }
}

} // namespace lathe::transform
