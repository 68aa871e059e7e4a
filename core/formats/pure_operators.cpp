#include <core/formats/pure_operators.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <queue>
#include <unordered_map>
#include <utility>

#include <core/formats/operator_schema_torch.h>
#include <core/graph/operands.h>
#include <core/graph/operators/operator.h>

namespace lathe::formats {

namespace {

using graph::Block;
using graph::Node;
using graph::Operand;
using graph::ValueId;

} // namespace

std::optional<std::string> pureName(const std::string& op) {
    if (const graph::Operator* known = graph::findOperator(op))
        return known->pure != nullptr ? std::optional(known->pure->name) : std::nullopt;
    const auto dot = std::min(op.find('.'), op.size());
    if (!op.starts_with("aten::") || dot == 0 || op[dot - 1] != '_' || op[dot - 2] == '_') return std::nullopt;
    const std::string pure = op.substr(0, dot - 1) + op.substr(dot);
    const c10::FunctionSchema *inPlace = findSchema(op), *other = findSchema(pure);
    if (inPlace == nullptr || other == nullptr || other->is_mutable() || inPlace->arguments().size() != other->arguments().size())
        return std::nullopt;
    return pure;
}

namespace {

/// Calls `visit` for each value that the node or a block of it reads.
template<class NodeType, class Visit>
void forEachRead(NodeType& node, const Visit& visit) {
    for (auto& operand : node.operands)
        forEachValue(operand, visit);
    for (auto& block : node.blocks) {
        for (auto& inner : block.nodes)
            forEachRead(inner, visit);
        for (auto& output : block.outputs)
            forEachValue(output, visit);
    }
}

/// Walks once over the nodes of a block. In place is the same as pure when nobody looks at the memory through another value afterwards,
/// which is known from where each value is read last.
class BlockPass {
public:
    BlockPass(graph::Graph& graph, Block& block, StateChanges& changes) : m_graph(graph), m_block(block), m_changes(changes) {}

    void run() {
        for (std::size_t index = 0; index < m_block.nodes.size(); ++index)
            forEachRead(std::as_const(m_block.nodes[index]), [&](ValueId id) { m_lastRead[id] = index; });
        for (const Operand& output : m_block.outputs)
            forEachValue(output, [this](ValueId id) { m_lastRead[id] = atTheEnd; });

        for (std::size_t index = 0; index < m_block.nodes.size(); ++index) {
            Node& node = m_block.nodes[index];
            if (!m_replaced.empty()) forEachRead(node, [this](ValueId& id) { id = current(id); });
            for (Block& inner : node.blocks)
                BlockPass(m_graph, inner, m_changes).run();
            const auto weight = changedWeight(node);
            if (const auto pure = pureName(node.op); pure && isReplaceable(node, index)) {
                if (weight) m_changes.dropped.insert(*weight);
                node.op = *pure;
                replaceLaterReads(index, node.operands[0].value(), node.results[0]);
                m_roots[node.results[0]] = node.results[0];
            } else {
                if (weight) m_changes.kept.insert(*weight);
                follow(node);
            }
        }
        for (Operand& output : m_block.outputs)
            forEachValue(output, [this](ValueId& id) { id = current(id); });
    }

private:
    static constexpr std::size_t atTheEnd = std::numeric_limits<std::size_t>::max();

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

    /// The node of the block that reads the value last; 0 also when none does.
    std::size_t lastRead(ValueId id) const {
        const auto found = m_lastRead.find(id);
        return found == m_lastRead.end() ? 0 : found->second;
    }

    /// Values that share memory, the one that is read last on top. Entries of values whose later reads were replaced are outdated.
    using Sharing = std::priority_queue<std::pair<std::size_t, ValueId>>;

    Sharing& sharing(ValueId root) {
        const auto [found, isNew] = m_sharing.try_emplace(root);
        if (isNew) found->second.emplace(lastRead(root), root);
        return found->second;
    }

    bool isReplaceable(const Node& node, std::size_t index) {
        if (node.operands.empty() || !node.operands[0].isValue() || node.results.size() != 1) return false;
        const ValueId changed = node.operands[0].value();
        const auto root = rootOf(changed);
        if (!root) return false;
        Sharing& values = sharing(*root);
        std::optional<Sharing::value_type> own;
        bool isReadLater = false;
        while (!values.empty()) {
            const auto [last, id] = values.top();
            if (id != changed && last == lastRead(id)) {
                isReadLater = last > index;
                break;
            }
            if (id == changed) own = values.top();
            values.pop();
        }
        if (own) values.push(*own);
        return !isReadLater;
    }

    /// What reads `from` behind the node reads `to`, once the walk gets there.
    void replaceLaterReads(std::size_t index, ValueId from, ValueId to) {
        m_lastRead[to] = std::max(lastRead(to), lastRead(from));
        m_lastRead[from] = index;
        m_replaced[from] = to;
    }

    /// What stands for the value by now: the end of a chain, which is shortened for the next time.
    ValueId current(ValueId id) {
        ValueId end = id;
        for (auto found = m_replaced.find(end); found != m_replaced.end(); found = m_replaced.find(end))
            end = found->second;
        while (id != end)
            id = std::exchange(m_replaced[id], end);
        return end;
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
            const ValueId result = node.results[i];
            const bool isView = isOpaque || (i < schema->returns().size() && schema->returns()[i].alias_info() != nullptr);
            if (!isView) {
                m_roots[result] = result;
            } else if (const auto root = source ? rootOf(*source) : std::nullopt; root && node.blocks.empty()) {
                m_roots[result] = *root;
                sharing(*root).emplace(lastRead(result), result);
            }
        }
    }

    graph::Graph& m_graph;
    Block& m_block;
    StateChanges& m_changes;
    std::unordered_map<ValueId, ValueId> m_roots;
    std::unordered_map<ValueId, Sharing> m_sharing;      ///< by root
    std::unordered_map<ValueId, std::size_t> m_lastRead; ///< index of the node; of outputs atTheEnd
    std::unordered_map<ValueId, ValueId> m_replaced;     ///< for the nodes behind
};

} // namespace

StateChanges makeOperatorsPure(graph::Graph& graph) {
    StateChanges changes;
    BlockPass(graph, graph.main, changes).run();
    return changes;
}

} // namespace lathe::formats
