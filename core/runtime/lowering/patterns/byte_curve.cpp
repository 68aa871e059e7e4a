#include <core/runtime/lowering/patterns/byte_curve.h>

#include <algorithm>

#include <core/graph/operators/call.h>
#include <core/graph/operators/integers.h>
#include <core/runtime/lowering/lowering_context.h>

namespace lathe::runtime {

Outcome lowerByteCurve(LoweringContext& context, const graph::Node& node) {
    const auto input = graph::mainInput(node);
    if (!graph::curveOf(node.op) || !input || node.results.size() != 1) return Outcome::other();
    const bool isOfOneNumber = std::ranges::all_of(node.operands.begin() + 1, node.operands.end(), &graph::Operand::isLiteral);
    const Twin* twin = context.twin(*input);
    const auto output = context.gridAhead(node.results[0]);
    if (!isOfOneNumber || !twin || !output) return Outcome::other();
    graph::Node lowered = node;
    lowered.op = op::tableBytes;
    lowered.operands = {twin->bytes};
    lowered.results = {context.addBytes(node.name)};
    const Twin result{lowered.results[0], *output};
    context.emit(lowered, {node.op, context.coversWithInput(node), {}, false, ByteCurve{node, twin->grid, *output}}, true);
    context.setMaker(result.bytes, node.name);
    context.addTwin(node.results[0], result, node.name + ".dequantize");
    return Outcome::taken();
}

} // namespace lathe::runtime
