#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <core/graph/graph.h>
#include <core/graph/name_table.h>
#include <core/graph/operators/conversion.h>
#include <core/graph/operators/names.h>
#include <core/graph/operators/operator.h>

namespace lathe::graph {

namespace {

/// How many operands ATen's dispatcher will not count: of operators that it does not know, nobody else would notice a missing one.
std::optional<std::size_t> fixedOperandCount(const Operator* known) {
    const bool isOurs = known != nullptr && (known->qdq != Qdq::None || !known->unfused.empty());
    return isOurs ? std::optional(known->operands.size()) : std::nullopt;
}

/// Who defines or uses something, in words that are only made when something is wrong.
struct Place {
    const Node* node = nullptr;
    const char* other = ""; ///< where no node does
    [[nodiscard]] std::string text() const { return node == nullptr ? other : "Node \"" + node->name + "\" (" + node->op + ")"; }
};

class Verifier {
public:
    explicit Verifier(const Graph& graph)
        : m_graph(graph), m_isDefined(graph.values.size(), false), m_hasEnded(graph.values.size(), false),
          m_valueNames(graph.values.size()), m_nodeNames(graph.main.nodes.size()) {}

    base::Result<> run() {
        for (std::size_t i = 0; i < m_graph.values.size(); ++i) {
            const Value& value = m_graph.values[i];
            if (!m_valueNames.insert(value.name)) return broken("Two values are called \"" + value.name + "\".");
            if (value.kind == ValueKind::Weight) {
                if (value.data.isNull()) return broken("The weight \"" + value.name + "\" has no data.");
                m_isDefined[i] = true;
            }
        }
        return block(m_graph.main);
    }

private:
    static tl::unexpected<base::Error> broken(const std::string& message) {
        return base::failure(base::ErrorCode::Rejected, "Invalid graph: " + message);
    }

    bool isInRange(ValueId id) const { return id >= 0 && static_cast<std::size_t>(id) < m_graph.values.size(); }

    base::Result<> define(ValueId id, ValueKind kind, const Place& where) {
        if (!isInRange(id)) return broken(where.text() + " defines a value that does not exist.");
        const Value& value = m_graph.value(id);
        if (value.kind != kind) return broken(where.text() + " defines \"" + value.name + "\", which is of another kind.");
        if (m_isDefined[static_cast<std::size_t>(id)])
            return broken("\"" + value.name + "\" is defined twice, the second time by " + where.text() + ".");
        m_isDefined[static_cast<std::size_t>(id)] = true;
        m_scope.push_back(id);
        return {};
    }

    base::Result<> use(const Operand& operand, const Place& where) {
        if (const auto* list = std::get_if<std::vector<Operand>>(&operand.content)) {
            for (const Operand& element : *list) {
                if (auto result = use(element, where); !result) return result;
            }
        } else if (operand.isValue()) {
            if (!isInRange(operand.value())) return broken(where.text() + " uses a value that does not exist.");
            if (!m_isDefined[static_cast<std::size_t>(operand.value())]) {
                return broken(where.text() + " uses \"" + m_graph.value(operand.value()).name + "\" before it is defined.");
            }
        }
        return {};
    }

    base::Result<> block(const Block& block) {
        const std::size_t outer = m_scope.size();
        for (const ValueId id : block.inputs) {
            if (auto result = define(id, ValueKind::Input, {nullptr, "an input list"}); !result) return result;
        }
        for (const Node& node : block.nodes) {
            if (auto result = check(node); !result) return result;
        }
        for (const Operand& output : block.outputs) {
            if (auto result = use(output, {nullptr, "An output"}); !result) return result;
        }
        // What a block defines ends with it.
        while (m_scope.size() > outer) {
            m_isDefined[static_cast<std::size_t>(m_scope.back())] = false;
            m_hasEnded[static_cast<std::size_t>(m_scope.back())] = true;
            m_scope.pop_back();
        }
        return {};
    }

    base::Result<> check(const Node& node) {
        const Place where{&node};
        const Operator* known = findOperator(node.op);
        if (node.op.empty() || node.name.empty()) return broken("A node has no operator or no name.");
        if (!m_nodeNames.insert(node.name)) return broken("Two nodes are called \"" + node.name + "\".");
        if (const auto count = fixedOperandCount(known); count && node.operands.size() != *count)
            return broken(where.text() + " needs " + std::to_string(*count) + " operands, not " + std::to_string(node.operands.size()) +
                          ".");
        if (node.op == op::ifElse && node.blocks.size() != 2) return broken(where.text() + " needs two blocks.");
        if (node.op == op::loop && node.blocks.size() != 1) return broken(where.text() + " needs one block.");
        for (const Operand& operand : node.operands) {
            if (auto result = use(operand, where); !result) return result;
        }
        if (auto result = floats(node, known); !result) return result;
        for (const Block& inner : node.blocks) {
            if (auto result = block(inner); !result) return result;
        }
        for (const ValueId id : node.results) {
            if (isInRange(id) && m_hasEnded[static_cast<std::size_t>(id)])
                return broken(where.text() + " defines a value of a block that has ended.");
            if (auto result = define(id, ValueKind::Result, where); !result) return result;
        }
        return {};
    }

    /// PyTorch multiplies numbers of one width only: input, weight and bias of a layer, where their dtypes are known.
    base::Result<> floats(const Node& node, const Operator* known) {
        if (known == nullptr || known->macs == nullptr || known->family == Family::Recurrent) return {};
        const Value* first = nullptr;
        for (const Operand& operand : node.operands) {
            if (!operand.isValue()) continue;
            const Value& value = m_graph.value(operand.value());
            if (value.type != TypeKind::Tensor || !value.dtype || !isFloatingPoint(*value.dtype)) continue;
            if (first == nullptr) first = &value;
            if (first->dtype == value.dtype) continue;
            return broken(Place{&node}.text() + " gets \"" + first->name + "\" as " + std::string(tensor::name(*first->dtype)) + " and \"" +
                          value.name + "\" as " + std::string(tensor::name(*value.dtype)) + ".");
        }
        return {};
    }

    const Graph& m_graph;
    std::vector<bool> m_isDefined;
    std::vector<ValueId> m_scope; ///< defined so far, innermost block last
    std::vector<bool> m_hasEnded; ///< of a block
    NameTable m_valueNames, m_nodeNames;
};

} // namespace

base::Result<> verify(const Graph& graph) { return Verifier(graph).run(); }

} // namespace lathe::graph
