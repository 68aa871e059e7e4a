#include <core/transform/quantize/gates.h>

#include <array>
#include <utility>

#include <core/graph/editor.h>
#include <core/graph/operators/arithmetic.h>
#include <core/graph/operators/integers.h>
#include <core/graph/operators/names.h>

namespace lathe::transform {

namespace {

using graph::Node;
using graph::Operand;

/// The function that a number times its gate is; empty for other gates.
std::string_view gatedBy(std::string_view gate) {
    if (gate == graph::op::sigmoid) return graph::op::silu;
    return gate == graph::op::hardsigmoid ? graph::op::hardswish : std::string_view();
}

bool joinGate(graph::Editor& editor, Node& product, const Operand& number, const Operand& gated) {
    Node* gate = gated.isValue() && number.isValue() ? editor.producer(gated.value()) : nullptr;
    if (gate == nullptr || gatedBy(gate->op).empty() || graph::mainInput(*gate) != number.value()) return false;
    if (!editor.isInMain(*gate) || editor.useCount(gated.value()) != 1) return false;
    const graph::ValueId input = number.value();
    product.op = gatedBy(gate->op);
    editor.setOperands(product, {input});
    editor.erase(*gate);
    return true;
}

} // namespace

int joinGates(graph::Graph& graph) {
    graph::Editor editor(graph);
    int joined = 0;
    for (Node& node : graph.main.nodes) {
        if (node.op != graph::op::mul) continue;
        const graph::Addition product(node); // calls its operands as a sum does
        const Operand left = product.left(), right = product.right();
        if (joinGate(editor, node, left, right) || joinGate(editor, node, right, left)) ++joined;
    }
    return joined;
}

} // namespace lathe::transform
