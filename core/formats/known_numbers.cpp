#include <core/formats/known_numbers.h>

#include <algorithm>
#include <set>
#include <string_view>

#include <core/graph/operands.h>
#include <core/graph/state.h>

namespace lathe::formats {

namespace {

using graph::Node;
using graph::Operand;
using graph::TypeKind;
using graph::ValueId;
using Integers = std::vector<std::int64_t>;

/// Give the number back that they are given, as a tensor or out of one.
const std::set<std::string_view> wrapping{"prim::NumToTensor.Scalar", "aten::Int.Tensor", "aten::IntImplicit", "aten::ScalarImplicit",
                                          "aten::item"};

bool isAnyOf(std::string_view op, std::initializer_list<std::string_view> ops) { return std::ranges::find(ops, op) != ops.end(); }

/// Replaces what is known in an operand; a list of numbers that are all literals then is one.
void replace(Operand& operand, const KnownNumbers& known, const graph::Graph& graph) {
    if (operand.isValue()) {
        if (known.isLearned(operand) && graph.value(operand.value()).type != TypeKind::Tensor)
            operand = Operand(graph::Literal(*known.of(operand)));
        return;
    }
    auto* list = std::get_if<std::vector<Operand>>(&operand.content);
    if (list == nullptr) return;
    bool isReplaced = false;
    for (Operand& element : *list) {
        const bool wasValue = element.isValue();
        replace(element, known, graph);
        isReplaced = isReplaced || (wasValue && !element.isValue());
    }
    Integers numbers;
    for (const Operand& element : *list) {
        if (const auto number = element.literal<std::int64_t>()) numbers.push_back(*number);
    }
    if (isReplaced && numbers.size() == list->size()) operand = Operand(graph::Literal(numbers));
}

} // namespace

KnownNumbers::KnownNumbers(const graph::Graph& graph, SizeOf sizeOf) : m_graph(graph), m_sizeOf(std::move(sizeOf)) {
    for (const graph::State& state : graph::statesOf(graph))
        m_states.insert(state.value);
}

std::optional<std::int64_t> KnownNumbers::of(const Operand& operand) const {
    if (!operand.isValue()) return operand.literal<std::int64_t>();
    if (const auto learned = m_numbers.find(operand.value()); learned != m_numbers.end()) return learned->second;
    const graph::Value& value = m_graph.value(operand.value());
    const bool isNumber = value.kind == graph::ValueKind::Weight && !m_states.contains(operand.value()) && value.data.shape().empty() &&
                          value.data.dtype() == tensor::DType::Int64;
    return isNumber ? std::optional(value.data.values<std::int64_t>().front()) : std::nullopt;
}

std::optional<std::int64_t> KnownNumbers::resultOf(const Node& node) const {
    const auto& operands = node.operands;
    if (node.op == "aten::size.int") {
        const auto axis = operands.size() > 1 ? of(operands[1]) : std::nullopt;
        return axis && operands[0].isValue() ? m_sizeOf(operands[0].value(), *axis) : std::nullopt;
    }
    if (operands.empty()) return std::nullopt;
    if (wrapping.contains(node.op)) return operands[0].isValue() ? of(operands[0]) : operands[0].literal<std::int64_t>();
    // Tensors are such numbers where one of them is; weights alone are not.
    const bool isNumber = isLearned(operands[0]) || (operands.size() > 1 && isLearned(operands[1]));
    if (!isNumber && !node.op.ends_with(".int")) return std::nullopt;
    const auto left = of(operands[0]);
    if (!left) return std::nullopt;
    if (isAnyOf(node.op, {"aten::neg", "aten::neg.int"})) return -*left;
    const auto right = operands.size() > 1 ? of(operands[1]) : std::nullopt;
    if (!right) return std::nullopt;
    const bool isScaled = operands.size() > 2 && operands[2].literal<std::int64_t>() != 1; // alpha, or a rounding
    if (isAnyOf(node.op, {"aten::add.Tensor", "aten::add.Scalar", "aten::add.int"}) && !isScaled) return *left + *right;
    if (isAnyOf(node.op, {"aten::sub.Tensor", "aten::sub.Scalar", "aten::sub.int"}) && !isScaled) return *left - *right;
    if (isAnyOf(node.op, {"aten::rsub.Scalar"}) && !isScaled) return *right - *left;
    if (isAnyOf(node.op, {"aten::mul.Tensor", "aten::mul.Scalar", "aten::mul.int"})) return *left * *right;
    const bool isRounded = operands.size() > 2 && !operands[2].isNone();
    const bool isQuotient = isAnyOf(node.op, {"aten::floor_divide", "aten::floor_divide.Scalar", "aten::floordiv.int"}) ||
                            (isAnyOf(node.op, {"aten::div.Tensor_mode", "aten::div.Scalar_mode"}) && isRounded);
    if (*left < 0 || *right <= 0) return std::nullopt; // roundings differ
    if (isQuotient) return *left / *right;
    if (isAnyOf(node.op, {"aten::remainder.Tensor", "aten::remainder.Scalar", "aten::remainder.int"})) return *left % *right;
    return std::nullopt;
}

bool KnownNumbers::learn(const Node& node) {
    if (node.results.size() != 1 || !node.blocks.empty()) return false;
    const auto number = resultOf(node);
    if (number) m_numbers[node.results[0]] = *number;
    return number.has_value();
}

graph::Graph withKnownNumbers(graph::Graph graph) {
    if (std::ranges::any_of(graph.main.nodes, [](const Node& node) { return !node.blocks.empty(); })) return graph;
    const auto sizeOf = [&graph](ValueId tensor, std::int64_t axis) -> std::optional<std::int64_t> {
        const auto& shape = graph.value(tensor).shape;
        const auto rank = shape ? static_cast<std::int64_t>(shape->size()) : 0;
        if (axis < -rank || axis >= rank) return std::nullopt;
        const graph::Dim& dim = (*shape)[static_cast<std::size_t>(axis < 0 ? axis + rank : axis)];
        return dim.size >= 0 && dim.symbol.empty() ? std::optional(dim.size) : std::nullopt;
    };
    KnownNumbers known(graph, sizeOf);
    std::set<const Node*> learned;
    for (Node& node : graph.main.nodes) {
        for (Operand& operand : node.operands)
            replace(operand, known, graph);
        if (known.learn(node)) learned.insert(&node);
    }
    // From the end, so that what only they read goes too.
    std::set<ValueId> used;
    const auto use = [&used](const Operand& operand) { graph::forEachValue(operand, [&used](ValueId id) { used.insert(id); }); };
    std::ranges::for_each(graph.main.outputs, use);
    std::vector<Node> kept;
    for (auto node = graph.main.nodes.rbegin(); node != graph.main.nodes.rend(); ++node) {
        if (learned.contains(&*node) && !used.contains(node->results[0])) continue;
        std::ranges::for_each(node->operands, use);
        kept.push_back(std::move(*node));
    }
    std::ranges::reverse(kept);
    graph.main.nodes = std::move(kept);
    return graph;
}

} // namespace lathe::formats
