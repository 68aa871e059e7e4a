#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>

#include <core/graph/graph.h>

namespace lathe::formats {

/// Whole numbers that are known before a model runs: sizes that are fixed, and what is computed from them. Tracing writes such sums as
/// tensors: int(NumToTensor(size) + 0).
class KnownNumbers {
public:
    /// The size of a dimension (negative ones count from the end) of a tensor; nothing where it is free or not known.
    using SizeOf = std::function<std::optional<std::int64_t>(graph::ValueId tensor, std::int64_t axis)>;

    /// The graph must outlive this.
    KnownNumbers(const graph::Graph& graph, SizeOf sizeOf);

    /// Looks at a node, after those that come before it. True when its result is known now.
    bool learn(const graph::Node& node);
    /// A literal, a result that is known, or a weight that is one whole number.
    [[nodiscard]] std::optional<std::int64_t> of(const graph::Operand& operand) const;
    [[nodiscard]] bool isLearned(const graph::Operand& operand) const { return operand.isValue() && m_numbers.contains(operand.value()); }

private:
    [[nodiscard]] std::optional<std::int64_t> resultOf(const graph::Node& node) const;

    const graph::Graph& m_graph;
    SizeOf m_sizeOf;
    std::set<graph::ValueId> m_states; ///< weights that are another number in each call
    std::map<graph::ValueId, std::int64_t> m_numbers;
};

/// The graph with literals where operands of its nodes are numbers that are known from the shapes in it; nodes that only gave
/// these are gone. A graph with control flow stays as it is.
[[nodiscard]] graph::Graph withKnownNumbers(graph::Graph graph);

} // namespace lathe::formats
