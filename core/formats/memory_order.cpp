#include <core/formats/memory_order.h>

#include <algorithm>

#include <core/graph/operands.h>
#include <core/graph/operators/call.h>
#include <core/graph/operators/names.h>

namespace lathe::formats {

namespace {

using graph::Family;
using graph::Node;
using graph::Operand;

/// The result is in the usual order whatever comes in.
bool givesUsualOrder(const Node& node) {
    for (const Family family : {Family::Linear, Family::Matrix, Family::Embedding, Family::Recurrent}) {
        if (graph::isOfFamily(node.op, family)) return true;
    }
    return node.op == "aten::contiguous" || node.op == "aten::layer_norm";
}

/// Of a value; those of weights say nothing of it.
bool isDequantizedValue(const graph::Graph& graph, const Node& node) {
    const auto input = graph::isDequantize(node.op) ? graph::mainInput(node) : std::nullopt;
    return input && graph.value(*input).kind != graph::ValueKind::Weight;
}

} // namespace

MemoryOrder::MemoryOrder(const graph::Graph& graph) : m_isMarked(graph.values.size(), false) { mark(graph, graph.main); }

const std::string& MemoryOrder::spelled(const Node& node) const {
    static const std::string reshape(graph::op::reshape);
    const bool isView = node.op == graph::op::view || node.op == "aten::_unsafe_view";
    return isView && isMarked(graph::mainOperand(node)) ? reshape : node.op;
}

void MemoryOrder::mark(const graph::Graph& graph, const graph::Block& block) {
    for (const Node& node : block.nodes) {
        for (const graph::Block& inner : node.blocks)
            mark(graph, inner);
        const auto marked = [this](const Operand& operand) { return isMarked(operand); };
        const auto outputsMarked = [&](const graph::Block& inner) { return std::ranges::any_of(inner.outputs, marked); };
        const bool passes =
            !givesUsualOrder(node) && (std::ranges::any_of(node.operands, marked) || std::ranges::any_of(node.blocks, outputsMarked));
        if (!passes && !isDequantizedValue(graph, node)) continue;
        for (const graph::ValueId result : node.results)
            m_isMarked[static_cast<std::size_t>(result)] = true;
    }
}

bool MemoryOrder::isMarked(const Operand& operand) const {
    bool found = false;
    graph::forEachValue(operand, [&](graph::ValueId id) { found = found || m_isMarked[static_cast<std::size_t>(id)]; });
    return found;
}

} // namespace lathe::formats
