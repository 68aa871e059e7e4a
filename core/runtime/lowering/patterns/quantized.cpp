#include <core/runtime/lowering/patterns/quantized.h>

#include <core/graph/operators/call.h>
#include <core/runtime/lowering/lowering_context.h>

namespace lathe::runtime {

Outcome lowerQuantized(LoweringContext& context, const graph::Node& node) {
    if (node.op != op::quantizePerTensor) return Outcome::other();
    const auto grid = activationGrid(node);
    const auto input = graph::mainInput(node);
    const graph::ValueId integers = node.results[0];
    if (!grid || !input || !context.onlyDequantized(integers, *grid)) return Outcome::other();
    if (const Twin* twin = context.twin(*input); twin && twin->grid == *grid) {
        context.setBytes(integers, *twin);
        context.coverBy(twin->bytes, node.name);
        return Outcome::taken();
    }
    graph::Node& quantize = context.emit(node, {node.op, {node.name}, {}, false, Quantized{*grid, false}}, true);
    quantize.op = op::quantizeBytes;
    quantize.operands.resize(1);
    context.setMaker(integers, node.name);
    context.setBytes(integers, {integers, *grid});
    return Outcome::taken();
}

} // namespace lathe::runtime
