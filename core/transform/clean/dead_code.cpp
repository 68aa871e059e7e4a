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
        std::vector<graph::Node> kept;
        for (auto node = block.nodes.rbegin(); node != block.nodes.rend(); ++node) {
            const bool isNeeded =
                std::ranges::any_of(node->results, [&](graph::ValueId id) { return m_isNeeded[static_cast<std::size_t>(id)]; });
            if (!isNeeded && !hasSideEffects(*node)) {
                ++m_removed;
                continue;
            }
            for (graph::Block& inner : node->blocks)
                sweep(inner);
            need(node->operands);
            kept.push_back(std::move(*node));
        }
        std::ranges::reverse(kept);
        block.nodes = std::move(kept);
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
