#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include <core/formats/operator_schema_torch.h>
#include <core/formats/pure_operators.h>
#include <core/graph/operands.h>

namespace lathe::formats::slow {

// What makeOperatorsPure() does, in the obvious way: every operator in place is held against every node behind it.

using graph::Block;
using graph::Node;
using graph::Operand;
using graph::ValueId;

/// "aten::add.Tensor" of "aten::add_.Tensor" when there is such an operator; it takes the same operands.
inline std::optional<std::string> pureName(const std::string& op) {
    const auto dot = std::min(op.find('.'), op.size());
    if (!op.starts_with("aten::") || dot == 0 || op[dot - 1] != '_' || op[dot - 2] == '_') return std::nullopt;
    const std::string pure = op.substr(0, dot - 1) + op.substr(dot);
    const c10::FunctionSchema *inPlace = findSchema(op), *other = findSchema(pure);
    if (inPlace == nullptr || other == nullptr || other->is_mutable() || inPlace->arguments().size() != other->arguments().size())
        return std::nullopt;
    return pure;
}

/// Does the node, or a block of it, use one of the values?
inline bool uses(const Node& node, const std::set<ValueId>& values) {
    bool found = false;
    const auto visit = [&](ValueId id) { found = found || values.contains(id); };
    for (const Operand& operand : node.operands)
        forEachValue(operand, visit);
    for (const Block& block : node.blocks) {
        found = found || std::ranges::any_of(block.nodes, [&](const Node& inner) { return uses(inner, values); });
        for (const Operand& output : block.outputs)
            forEachValue(output, visit);
    }
    return found;
}

class SlowBlockPass {
public:
    SlowBlockPass(graph::Graph& graph, Block& block, StateChanges& changes) : m_graph(graph), m_block(block), m_changes(changes) {}

    void run() {
        for (std::size_t index = 0; index < m_block.nodes.size(); ++index) {
            Node& node = m_block.nodes[index];
            for (Block& inner : node.blocks)
                SlowBlockPass(m_graph, inner, m_changes).run();
            const auto weight = changedWeight(node);
            if (const auto pure = pureName(node.op); pure && isReplaceable(node, index)) {
                const ValueId changed = node.operands[0].value(), result = node.results[0];
                if (weight) m_changes.dropped.insert(*weight);
                node.op = *pure;
                replaceLaterUses(index, changed, result);
                m_roots[result] = result;
            } else {
                if (weight) m_changes.kept.insert(*weight);
                follow(node);
            }
        }
    }

private:
    /// The value whose memory `id` is or looks into; nothing when it comes from outside the block.
    std::optional<ValueId> rootOf(ValueId id) const {
        if (m_graph.value(id).kind != graph::ValueKind::Result) return id;
        const auto found = m_roots.find(id);
        return found == m_roots.end() ? std::nullopt : std::optional(found->second);
    }

    std::optional<ValueId> changedWeight(const Node& node) const {
        const c10::FunctionSchema* schema = findSchema(node.op);
        if (schema == nullptr || !schema->is_mutable() || node.operands.empty() || !node.operands[0].isValue()) return std::nullopt;
        const auto root = rootOf(node.operands[0].value());
        return root && m_graph.value(*root).kind == graph::ValueKind::Weight ? root : std::nullopt;
    }

    std::set<ValueId> sharing(ValueId root) const {
        std::set<ValueId> group{root};
        for (const auto& [id, other] : m_roots) {
            if (other == root) group.insert(id);
        }
        return group;
    }

    bool isReplaceable(const Node& node, std::size_t index) const {
        if (node.operands.empty() || !node.operands[0].isValue() || node.results.size() != 1) return false;
        const ValueId changed = node.operands[0].value();
        const auto root = rootOf(changed);
        if (!root) return false;
        std::set<ValueId> others = sharing(*root);
        others.erase(changed);
        for (std::size_t later = index + 1; later < m_block.nodes.size(); ++later) {
            if (uses(m_block.nodes[later], others)) return false;
        }
        bool isOutput = false;
        for (const Operand& output : m_block.outputs)
            forEachValue(output, [&](ValueId id) { isOutput = isOutput || others.contains(id); });
        return !isOutput;
    }

    void replaceLaterUses(std::size_t index, ValueId from, ValueId to) {
        for (std::size_t later = index + 1; later < m_block.nodes.size(); ++later)
            replace(m_block.nodes[later], from, to);
        for (Operand& output : m_block.outputs)
            replace(output, from, to);
    }
    static void replace(Operand& operand, ValueId from, ValueId to) {
        if (operand.isValue() && operand.value() == from) operand = Operand(to);
        if (auto* list = std::get_if<std::vector<Operand>>(&operand.content)) {
            for (Operand& element : *list)
                replace(element, from, to);
        }
    }
    static void replace(Node& node, ValueId from, ValueId to) {
        for (Operand& operand : node.operands)
            replace(operand, from, to);
        for (Block& block : node.blocks) {
            for (Node& inner : block.nodes)
                replace(inner, from, to);
            for (Operand& output : block.outputs)
                replace(output, from, to);
        }
    }

    /// Results that are views share the memory of the operand they look into; those of operators without schema (lists that are taken
    /// apart, conditions) may share that of any.
    void follow(const Node& node) {
        const c10::FunctionSchema* schema = findSchema(node.op);
        std::optional<ValueId> source;
        for (std::size_t i = 0; i < node.operands.size(); ++i) {
            const bool mayAlias = schema == nullptr || schema->is_vararg() ||
                                  (i < schema->arguments().size() && schema->arguments()[i].alias_info() != nullptr);
            if (mayAlias) forEachValue(node.operands[i], [&](ValueId id) { source = source ? source : std::optional(id); });
        }
        const bool isOpaque = schema == nullptr || schema->is_vararg() || !node.blocks.empty();
        for (std::size_t i = 0; i < node.results.size(); ++i) {
            const bool isView = isOpaque || (i < schema->returns().size() && schema->returns()[i].alias_info() != nullptr);
            if (!isView) {
                m_roots[node.results[i]] = node.results[i];
            } else if (const auto root = source ? rootOf(*source) : std::nullopt; root && node.blocks.empty()) {
                m_roots[node.results[i]] = *root;
            }
        }
    }

    graph::Graph& m_graph;
    Block& m_block;
    StateChanges& m_changes;
    std::map<ValueId, ValueId> m_roots;
};

inline StateChanges makeOperatorsPure(graph::Graph& graph) {
    StateChanges changes;
    SlowBlockPass(graph, graph.main, changes).run();
    return changes;
}

} // namespace lathe::formats::slow
