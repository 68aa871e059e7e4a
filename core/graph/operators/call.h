#pragma once

#include <core/graph/operators/operator.h>

namespace lathe::graph {

/// A node read by the names of its operator's operands, so that nobody counts them. A view: lives no longer than the node. Of operators
/// that the table does not know, every operand is None.
class Call {
public:
    explicit Call(const Node& node) : m_node(&node), m_operator(findOperator(node.op)) {}

    [[nodiscard]] const Node& node() const { return *m_node; }
    /// nullptr when the table does not know it.
    [[nodiscard]] const Operator* op() const { return m_operator; }

    /// The operand of this role as the node gives it, else what counts in its place, else None.
    [[nodiscard]] const Operand& operand(std::string_view role) const;
    /// Does the node give it?
    [[nodiscard]] bool has(std::string_view role) const;
    /// The value that the operand is; nothing for constants and None.
    [[nodiscard]] std::optional<ValueId> value(std::string_view role) const;
    /// The constant that the operand is, when it is exactly a T.
    template<class T>
    [[nodiscard]] std::optional<T> literal(std::string_view role) const {
        return operand(role).literal<T>();
    }
    [[nodiscard]] std::optional<std::int64_t> integer(std::string_view role) const { return literal<std::int64_t>(role); }
    /// An integer too.
    [[nodiscard]] std::optional<double> number(std::string_view role) const;
    [[nodiscard]] std::optional<std::vector<std::int64_t>> integers(std::string_view role) const {
        return literal<std::vector<std::int64_t>>(role);
    }
    [[nodiscard]] std::optional<bool> flag(std::string_view role) const { return literal<bool>(role); }

protected:
    const Node* m_node;
    const Operator* m_operator;
};

/// What a node works on: its first operand, whatever its operator calls it, also of operators that the table does not know; None of nodes
/// without operands.
[[nodiscard]] const Operand& mainOperand(const Node& node);
/// The value that it is.
[[nodiscard]] std::optional<ValueId> mainInput(const Node& node);

/// Replaces the operand of this role; what stands before it and was not given becomes what counted in its place. The table has to know the
/// role.
void setOperand(Node& node, std::string_view role, Operand operand);
void setMainOperand(Node& node, Operand operand);

/// Is the operand at this position of the node the one of this role?
[[nodiscard]] bool isRole(const Node& node, int position, std::string_view role);

/// Is the node an operator that does something else while training, and not switched to evaluation by a constant?
[[nodiscard]] bool mayTrain(const Node& node);

} // namespace lathe::graph
