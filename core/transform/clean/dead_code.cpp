#include <core/transform/clean/dead_code.h>

#include <algorithm>

#include <core/graph/operands.h>
#include <core/graph/operators/operator.h>

namespace lathe::transform {

namespace {

class Sweeper {
public:
    explicit Sweeper(std::size_t values) : m_isNeeded(values, false) {}

    /// From the end to the start: a node's readers are known before the node is judged.
    void sweep(graph::Block& block) {
        need(block.outputs);
        std::vector<bool> isDead(block.nodes.size(), false);
        for (std::size_t at = block.nodes.size(); at-- > 0;) {
            graph::Node& node = block.nodes[at];
            const bool isNeeded =
                std::ranges::any_of(node.results, [&](graph::ValueId id) { return m_isNeeded[static_cast<std::size_t>(id)]; });
            isDead[at] = !isNeeded && !hasSideEffects(node);
            if (isDead[at]) continue;
            for (graph::Block& inner : node.blocks)
                sweep(inner);
            need(node.operands);
        }
        m_removed += static_cast<int>(std::erase_if(
            block.nodes, [&](const graph::Node& node) { return isDead[static_cast<std::size_t>(&node - block.nodes.data())]; }));
    }

    [[nodiscard]] int removed() const { return m_removed; }

private:
    void need(const std::vector<graph::Operand>& operands) {
        for (const graph::Operand& operand : operands)
            forEachValue(operand, [&](graph::ValueId id) { m_isNeeded[static_cast<std::size_t>(id)] = true; });
    }

    std::vector<bool> m_isNeeded;
    int m_removed = 0;
};

} // namespace

int removeDeadCode(graph::Graph& graph) {
    Sweeper sweeper(graph.values.size());
    sweeper.sweep(graph.main);
    graph::compact(graph);
    return sweeper.removed();
}

} // namespace lathe::transform
