#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

#include <core/graph/graph.h>
#include <core/graph/operators/conversion.h>
#include <core/graph/operators/names.h>
#include <core/graph/operators/operator.h>

namespace lathe::graph {

namespace {

/// How many operands ATen's dispatcher will not count: of operators that it does not know, nobody else would notice a missing one.
std::optional<std::size_t> fixedOperandCount(std::string_view op) {
    const Operator* known = findOperator(op);
    const bool isOurs = known != nullptr && (known->qdq != Qdq::None || !known->unfused.empty());
    return isOurs ? std::optional(known->operands.size()) : std::nullopt;
}

class Verifier {
public:
    explicit Verifier(const Graph& graph)
        : m_graph(graph), m_isDefined(graph.values.size(), false), m_hasEnded(graph.values.size(), false) {
        m_valueNames.reserve(graph.values.size());
        m_nodeNames.reserve(graph.main.nodes.size());
    }

    base::Result<> run() {
        for (std::size_t i = 0; i < m_graph.values.size(); ++i) {
            const Value& value = m_graph.values[i];
            if (!m_valueNames.insert(value.name).second) return broken("Two values are called \"" + value.name + "\".");
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

    base::Result<> define(ValueId id, ValueKind kind, const std::string& where) {
        if (!isInRange(id)) return broken(where + " defines a value that does not exist.");
        const Value& value = m_graph.value(id);
        if (value.kind != kind) return broken(where + " defines \"" + value.name + "\", which is of another kind.");
        if (m_isDefined[static_cast<std::size_t>(id)])
            return broken("\"" + value.name + "\" is defined twice, the second time by " + where + ".");
        m_isDefined[static_cast<std::size_t>(id)] = true;
        m_scope.push_back(id);
        return {};
    }

    base::Result<> use(const Operand& operand, const std::string& where) {
        if (const auto* list = std::get_if<std::vector<Operand>>(&operand.content)) {
            for (const Operand& element : *list) {
                if (auto result = use(element, where); !result) return result;
            }
        } else if (operand.isValue()) {
            if (!isInRange(operand.value())) return broken(where + " uses a value that does not exist.");
            if (!m_isDefined[static_cast<std::size_t>(operand.value())]) {
                return broken(where + " uses \"" + m_graph.value(operand.value()).name + "\" before it is defined.");
            }
        }
        return {};
    }

    base::Result<> block(const Block& block) {
        const std::size_t outer = m_scope.size();
        for (const ValueId id : block.inputs) {
            if (auto result = define(id, ValueKind::Input, "an input list"); !result) return result;
        }
        for (const Node& node : block.nodes) {
            if (auto result = check(node); !result) return result;
        }
        for (const Operand& output : block.outputs) {
            if (auto result = use(output, "An output"); !result) return result;
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
        const std::string where = "Node \"" + node.name + "\" (" + node.op + ")";
        if (node.op.empty() || node.name.empty()) return broken("A node has no operator or no name.");
        if (!m_nodeNames.insert(node.name).second) return broken("Two nodes are called \"" + node.name + "\".");
        if (const auto count = fixedOperandCount(node.op); count && node.operands.size() != *count)
            return broken(where + " needs " + std::to_string(*count) + " operands, not " + std::to_string(node.operands.size()) + ".");
        if (node.op == op::ifElse && node.blocks.size() != 2) return broken(where + " needs two blocks.");
        if (node.op == op::loop && node.blocks.size() != 1) return broken(where + " needs one block.");
        for (const Operand& operand : node.operands) {
            if (auto result = use(operand, where); !result) return result;
        }
        if (auto result = floats(node, where); !result) return result;
        for (const Block& inner : node.blocks) {
            if (auto result = block(inner); !result) return result;
        }
        for (const ValueId id : node.results) {
            if (isInRange(id) && m_hasEnded[static_cast<std::size_t>(id)])
                return broken(where + " defines a value of a block that has ended.");
            if (auto result = define(id, ValueKind::Result, where); !result) return result;
        }
        return {};
    }

    /// PyTorch multiplies numbers of one width only: input, weight and bias of a layer, where their dtypes are known.
    base::Result<> floats(const Node& node, const std::string& where) {
        const Operator* known = findOperator(node.op);
        if (known == nullptr || known->macs == nullptr || known->family == Family::Recurrent) return {};
        const Value* first = nullptr;
        for (const Operand& operand : node.operands) {
            if (!operand.isValue()) continue;
            const Value& value = m_graph.value(operand.value());
            if (value.type != TypeKind::Tensor || !value.dtype || !isFloatingPoint(*value.dtype)) continue;
            if (first == nullptr) first = &value;
            if (first->dtype == value.dtype) continue;
            return broken(where + " gets \"" + first->name + "\" as " + std::string(tensor::name(*first->dtype)) + " and \"" + value.name +
                          "\" as " + std::string(tensor::name(*value.dtype)) + ".");
        }
        return {};
    }

    const Graph& m_graph;
    std::vector<bool> m_isDefined;
    std::vector<ValueId> m_scope; ///< defined so far, innermost block last
    std::vector<bool> m_hasEnded; ///< of a block
    std::unordered_set<std::string_view> m_valueNames, m_nodeNames;
};

} // namespace

base::Result<> verify(const Graph& graph) { return Verifier(graph).run(); }

} // namespace lathe::graph
