#include <core/graph/operators/call.h>

#include <cassert>

namespace lathe::graph {

namespace {

const Operand& none() {
    static const Operand operand;
    return operand;
}

} // namespace

const Operand& Call::operand(std::string_view role) const {
    const auto position = m_operator != nullptr ? m_operator->position(role) : std::nullopt;
    if (!position) return none();
    if (*position < m_node->operands.size()) return m_node->operands[*position];
    const auto& missing = m_operator->operands[*position].missing;
    return missing ? *missing : none();
}

bool Call::has(std::string_view role) const {
    const auto position = m_operator != nullptr ? m_operator->position(role) : std::nullopt;
    return position && *position < m_node->operands.size();
}

std::optional<ValueId> Call::value(std::string_view role) const {
    const Operand& given = operand(role);
    return given.isValue() ? std::optional(given.value()) : std::nullopt;
}

std::optional<double> Call::number(std::string_view role) const {
    const Operand& given = operand(role);
    if (const auto whole = given.literal<std::int64_t>()) return static_cast<double>(*whole);
    return given.literal<double>();
}

const Operand& mainOperand(const Node& node) { return node.operands.empty() ? none() : node.operands.front(); }

std::optional<ValueId> mainInput(const Node& node) {
    const Operand& operand = mainOperand(node);
    return operand.isValue() ? std::optional(operand.value()) : std::nullopt;
}

void setOperand(Node& node, std::string_view role, Operand operand) {
    const Operator* known = findOperator(node.op);
    const auto position = known != nullptr ? known->position(role) : std::nullopt;
    assert(position);
    if (!position) return;
    for (std::size_t at = node.operands.size(); at <= *position; ++at)
        node.operands.push_back(known->operands[at].missing.value_or(Operand()));
    node.operands[*position] = std::move(operand);
}

void setMainOperand(Node& node, Operand operand) {
    if (node.operands.empty()) node.operands.emplace_back();
    node.operands.front() = std::move(operand);
}

bool isRole(const Node& node, int position, std::string_view role) {
    const Operator* known = findOperator(node.op);
    const auto wanted = known != nullptr ? known->position(role) : std::nullopt;
    return wanted && position >= 0 && *wanted == static_cast<std::size_t>(position);
}

bool mayTrain(const Node& node) {
    const Operator* known = findOperator(node.op);
    return known != nullptr && !known->training.empty() && Call(node).flag(known->training) != false;
}

} // namespace lathe::graph
