#include <core/formats/exported_program/decomposed_operators.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include <core/formats/operator_schema_torch.h>
#include <core/graph/editor.h>
#include <core/graph/operators/names.h>

namespace lathe::formats {

namespace {

using graph::Literal;
using graph::Node;
using graph::Operand;
using graph::ValueId;
using IntList = std::vector<std::int64_t>;

bool isOnlyFirstUsed(const graph::UseIndex& uses, const Node& node) {
    return !node.results.empty() &&
           std::all_of(node.results.begin() + 1, node.results.end(), [&](ValueId id) { return uses.uses(id).empty(); });
}

void takeFirst(Node& node, std::string_view op, std::vector<Operand> operands) {
    node.op = op;
    node.operands = std::move(operands);
    node.results.resize(1);
}

/// (input, weight, bias, mean, var, momentum, eps) of the form for evaluation, (…, mean, var, training, momentum, eps) of the others.
void recomposeBatchNorm(Node& node) {
    const bool hasFlag = node.op != "aten::_native_batch_norm_legit_no_training";
    if (node.operands.size() != (hasFlag ? 8U : 7U) || node.operands[3].isNone()) return;
    if (hasFlag && node.operands[5].literal<bool>() != false) return;
    std::vector<Operand> operands = node.operands;
    operands.resize(9);
    operands[5].content = Literal(false); // training
    operands[6] = node.operands[hasFlag ? 6 : 5];
    operands[7] = node.operands[hasFlag ? 7 : 6];
    operands[8].content = Literal(false); // cuDNN: ours decides by itself
    takeFirst(node, graph::op::batchNorm, std::move(operands));
}

/// The matrix that `operand` is the transposed of.
std::optional<ValueId> transposedOf(const graph::UseIndex& uses, const Operand& operand) {
    const Node* producer = operand.isValue() ? uses.producer(operand.value()) : nullptr;
    if (producer == nullptr || producer->operands.empty() || !producer->operands[0].isValue()) return std::nullopt;
    const auto& in = producer->operands;
    const bool isPermuted = producer->op == "aten::permute" && in[1].literal<IntList>() == IntList{1, 0};
    const auto isAxis = [](const Operand& axis, std::int64_t number) {
        return axis.literal<std::int64_t>() == number || axis.literal<std::int64_t>() == number - 2;
    };
    const bool isSwapped =
        producer->op == "aten::transpose.int" && ((isAxis(in[1], 0) && isAxis(in[2], 1)) || (isAxis(in[1], 1) && isAxis(in[2], 0)));
    if (!isPermuted && !isSwapped && producer->op != "aten::t") return std::nullopt;
    return in[0].value();
}

bool isOne(const Operand& operand) { return operand.literal<std::int64_t>() == 1 || operand.literal<double>() == 1.0; }

bool isRank(const graph::Graph& graph, const Operand& operand, std::size_t rank) {
    const auto& shape = graph.value(operand.value()).shape;
    return shape && shape->size() == rank;
}

/// addmm(bias, input, matrix, beta, alpha); mm(input, matrix)
void recomposeLinear(const graph::Graph& graph, const graph::UseIndex& uses, Node& node) {
    const bool hasBias = node.op == "aten::addmm";
    const std::size_t first = hasBias ? 1 : 0;
    if (node.operands.size() < first + 2) return;
    const auto weight = transposedOf(uses, node.operands[first + 1]);
    if (!weight || graph.value(*weight).kind != graph::ValueKind::Weight) return;
    if (hasBias) {
        const bool isPlain = node.operands.size() == 5 && isOne(node.operands[3]) && isOne(node.operands[4]);
        if (!isPlain || !node.operands[0].isValue() || !isRank(graph, node.operands[0], 1)) return;
    }
    std::vector<Operand> operands(3);
    operands[0] = node.operands[first];
    operands[1].content = *weight;
    if (hasBias) operands[2] = node.operands[0];
    takeFirst(node, graph::op::linear, std::move(operands));
}

constexpr std::array<std::string_view, 5> copies{"aten::clone", "aten::alias", "aten::detach", "aten::lift_fresh_copy", "aten::lift_fresh"};

bool isCopy(const Node& node) {
    if (std::ranges::find(copies, node.op) == copies.end() || node.operands.empty() || !node.operands[0].isValue()) return false;
    // A clone may also change the order in memory.
    return node.operands.size() < 2 || node.operands[1].isNone();
}

/// (input, p, train) → (output, mask); the mask of evaluation is all ones and nobody asks for it.
bool isInactiveDropout(const Node& node) {
    return node.op == "aten::native_dropout" && node.operands.size() == 3 && node.operands[0].isValue() &&
           node.operands[2].literal<bool>() == false;
}

bool worksInPlace(const Node& node) {
    const c10::FunctionSchema* schema = findSchema(node.op);
    return schema != nullptr && schema->is_mutable();
}

/// What is left of a matrix product that is now a linear layer.
void removeUnusedTranspositions(graph::Graph& graph) {
    const graph::UseIndex uses(graph);
    std::erase_if(graph.main.nodes, [&](const Node& node) {
        const bool isTransposition = node.op == "aten::permute" || node.op == "aten::t" || node.op == "aten::transpose.int";
        return isTransposition && uses.uses(node.results[0]).empty();
    });
}

} // namespace

void recomposeOperators(graph::Graph& graph) {
    {
        const graph::UseIndex uses(graph);
        graph::forEachNode(graph, [&](Node& node) {
            if (node.op == "aten::addmm" || node.op == "aten::mm")
                recomposeLinear(graph, uses, node);
            else if (node.op == "aten::_adaptive_avg_pool2d")
                node.op = "aten::adaptive_avg_pool2d";
            else if (!isOnlyFirstUsed(uses, node))
                return;
            else if (node.op == "aten::max_pool2d_with_indices")
                takeFirst(node, graph::op::maxPool2d, node.operands);
            else if (node.op.find("native_batch_norm") != std::string::npos)
                recomposeBatchNorm(node);
        });
    }
    removeUnusedTranspositions(graph);
    bool isPure = true;
    graph::forEachNode(std::as_const(graph), [&](const Node& node) { isPure = isPure && !worksInPlace(node); });
    graph::bypassNodes(graph, [&](const Node& node) { return isInactiveDropout(node) || (isPure && isCopy(node)); });
}

} // namespace lathe::formats
