#include <core/runtime/lowering/patterns/byte_operator.h>

#include <core/graph/operators/call.h>
#include <core/runtime/lowering/byte_operators.h>
#include <core/runtime/lowering/lowering_context.h>

namespace lathe::runtime {

Outcome lowerByteOperator(LoweringContext& context, const graph::Node& node) {
    const ByteOperator kind = byteOperator(node);
    if (kind == ByteOperator::None) return Outcome::other();
    const Twin* twin = context.twin(*graph::mainInput(node));
    if (!twin) return Outcome::other();
    const Twin input = *twin;
    const std::string dequantize = node.name + ".dequantize";
    if (node.op == op::relu && (context.isCutInLayer(node) || input.grid.zeroPoint == input.grid.minimum)) {
        for (const std::string& name : context.coversWithInput(node))
            context.coverBy(input.bytes, name);
        context.addTwin(node.results[0], input, dequantize);
        return Outcome::taken();
    }
    if (kind == ByteOperator::Averaging && context.quantizedOn(node.results[0]) != input.grid) return Outcome::other();
    const graph::ValueId result = context.addBytes(node.name);
    context.emit(onBytes(node, input.bytes, result), {node.op, context.coversWithInput(node), {}, false, {}}, true);
    context.setMaker(result, node.name);
    context.addTwin(node.results[0], {result, input.grid}, dequantize);
    return Outcome::taken();
}

} // namespace lathe::runtime
