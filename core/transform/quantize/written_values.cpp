#include <core/transform/quantize/written_values.h>

#include <numeric>
#include <string_view>
#include <vector>

#include <core/graph/operands.h>
#include <core/graph/operators/call.h>
#include <core/graph/operators/list_names.h>
#include <core/graph/operators/operator.h>

namespace lathe::transform {

namespace {

using graph::Block;
using graph::Node;
using graph::Operand;
using graph::ValueId;

/// Values in sets of those that may share memory.
class Memory {
public:
    explicit Memory(const graph::Graph& graph)
        : m_graph(graph), m_uses(graph), m_parents(graph.values.size()), m_sizes(graph.values.size(), 1) {
        std::iota(m_parents.begin(), m_parents.end(), 0);
    }

    void follow(const Block& block) {
        for (const Node& node : block.nodes)
            follow(node);
    }

    [[nodiscard]] std::unordered_set<ValueId> written() {
        std::unordered_set<ValueId> roots, values;
        for (const ValueId each : m_written)
            roots.insert(rootOf(each));
        for (ValueId id = 0; !roots.empty() && id < static_cast<ValueId>(m_parents.size()); ++id) {
            if (roots.contains(rootOf(id))) values.insert(id);
        }
        return values;
    }

private:
    ValueId rootOf(ValueId id) {
        while (m_parents[static_cast<std::size_t>(id)] != id)
            id = m_parents[static_cast<std::size_t>(id)] = m_parents[static_cast<std::size_t>(m_parents[static_cast<std::size_t>(id)])];
        return id;
    }

    void join(ValueId a, ValueId b) {
        a = rootOf(a), b = rootOf(b);
        if (a == b) return;
        m_parents[static_cast<std::size_t>(a)] = b;
        m_sizes[static_cast<std::size_t>(b)] += m_sizes[static_cast<std::size_t>(a)];
    }

    /// Numbers have no memory.
    [[nodiscard]] bool holdsMemory(ValueId id) const {
        using graph::TypeKind;
        const TypeKind type = m_graph.value(id).type;
        return type != TypeKind::Int && type != TypeKind::Float && type != TypeKind::Bool && type != TypeKind::String &&
               type != TypeKind::IntList && type != TypeKind::FloatList && type != TypeKind::BoolList;
    }

    void joinAll(const Operand& operand, const std::vector<ValueId>& results) {
        graph::forEachValue(operand, [&](ValueId id) {
            for (const ValueId result : results) {
                if (holdsMemory(id) && holdsMemory(result)) join(id, result);
            }
        });
    }

    /// Whether what is written is read by anything else.
    bool write(const Operand& operand) {
        bool isSeen = false;
        graph::forEachValue(operand, [&](ValueId id) {
            const bool isOwn = m_sizes[static_cast<std::size_t>(rootOf(id))] == 1 && m_uses.uses(id).size() == 1;
            if (m_graph.value(id).type != graph::TypeKind::Tensor || isOwn) return;
            m_written.push_back(id);
            isSeen = true;
        });
        return isSeen;
    }

    void follow(const Node& node) {
        if (!node.blocks.empty()) {
            followBlocks(node);
            return;
        }
        const graph::Operator* known = graph::findOperator(node.op);
        if (known == nullptr || known->isVariadic) {
            const std::string_view name = std::string_view(node.op).substr(0, node.op.find('.'));
            const bool isInPlace = name.ends_with('_');
            for (const Operand& operand : node.operands) {
                const bool goesOn = !isInPlace || (&operand == node.operands.data() && write(operand));
                if (goesOn) joinAll(operand, node.results);
            }
            return;
        }
        // An element that is put into a list or taken out of it has no letter of its own.
        const bool isOfList = node.op == graph::op::append || node.op == graph::op::element;
        for (std::size_t at = 0; at < node.operands.size() && at < known->operands.size(); ++at) {
            const graph::OperandRole& role = known->operands[at];
            const bool goesOn = !role.isWritten || isOfList || write(node.operands[at]);
            if (goesOn && (role.alias != 0 || isOfList)) joinAll(node.operands[at], node.results);
        }
        const graph::Call call(node);
        if (const auto list = call.value("self"); list && node.op == graph::op::append) joinAll(call.operand("el"), {*list});
    }

    void followBlocks(const Node& node) {
        for (const Block& block : node.blocks) {
            // Of a loop: after how many rounds to end and whether to begin come first, the round in its block.
            for (std::size_t at = 2; at < node.operands.size() && at - 1 < block.inputs.size(); ++at)
                joinAll(node.operands[at], {block.inputs[at - 1]});
            follow(block);
            const std::size_t first = block.inputs.empty() ? 0 : 1;
            for (std::size_t at = 0; at < node.results.size() && at + first < block.outputs.size(); ++at) {
                joinAll(block.outputs[at + first], {node.results[at]});
                if (first == 1 && node.operands.size() > at + 2) joinAll(node.operands[at + 2], {node.results[at]});
            }
        }
    }

    const graph::Graph& m_graph;
    graph::UseIndex m_uses;
    std::vector<ValueId> m_parents;
    std::vector<int> m_sizes;
    std::vector<ValueId> m_written;
};

} // namespace

std::unordered_set<ValueId> writtenValues(const graph::Graph& graph) {
    Memory memory(graph);
    memory.follow(graph.main);
    return memory.written();
}

} // namespace lathe::transform
