#include <core/runtime/lowering/patterns/byte_mean.h>

#include <core/graph/operators/call.h>
#include <core/graph/operators/integers.h>
#include <core/runtime/lowering/lowering_context.h>

namespace lathe::runtime {

namespace {

/// Do height and width stay, as 1? Nothing where the node does something else.
std::optional<bool> keepsDims(const graph::Graph& graph, const graph::Node& node) {
    if (!graph::meansOverImages(node)) return std::nullopt;
    if (node.op == op::adaptiveAvgPool2d) return true;
    const graph::Call call(node);
    const auto& shape = graph.value(*graph::mainInput(node)).shape;
    const bool isOfImages = shape && shape->size() == 4 && call.operand("dtype").isNone();
    return isOfImages ? call.flag("keepdim") : std::nullopt;
}

} // namespace

Outcome lowerByteMean(LoweringContext& context, const graph::Node& node) {
    if (node.op != op::adaptiveAvgPool2d && node.op != op::meanDim) return Outcome::other();
    const Twin* twin = graph::mainInput(node) ? context.twin(*graph::mainInput(node)) : nullptr;
    const auto output = context.gridAhead(node.results[0]);
    const auto keeps = twin ? keepsDims(context.original(), node) : std::nullopt;
    if (!keeps || !output) return Outcome::other();
    graph::Node lowered = node;
    lowered.op = op::meanBytes;
    lowered.operands = {twin->bytes};
    lowered.results = {context.addBytes(node.name)};
    const Twin result{lowered.results[0], *output};
    context.emit(lowered, {node.op, context.coversWithInput(node), {}, false, ByteMean{twin->grid, *output, *keeps}}, true);
    context.setMaker(result.bytes, node.name);
    context.addTwin(node.results[0], result, node.name + ".dequantize");
    return Outcome::taken();
}

} // namespace lathe::runtime
