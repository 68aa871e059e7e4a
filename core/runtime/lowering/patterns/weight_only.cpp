#include <core/runtime/lowering/patterns/weight_only.h>

#include <core/runtime/lowering/lowering_context.h>

namespace lathe::runtime {

Outcome lowerWeightOnly(LoweringContext& context, const graph::Node& node) {
    if (!dequantizesWeight(context.original(), node)) return Outcome::other();
    context.emit(node, {node.op, {node.name}, {}, false, RestoredWeight{node}}, true).op = op::dequantizedWeight;
    return Outcome::taken();
}

} // namespace lathe::runtime
