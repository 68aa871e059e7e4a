#include <core/runtime/lowering/patterns/dequantized.h>

#include <core/graph/operators/call.h>
#include <core/runtime/lowering/lowering_context.h>

namespace lathe::runtime {

Outcome lowerDequantized(LoweringContext& context, const graph::Node& node) {
    if (node.op != op::dequantizePerTensor) return Outcome::other();
    const auto input = graph::mainInput(node);
    const Twin* bytes = input ? context.bytesOf(*input) : nullptr;
    if (!bytes) return Outcome::other();
    context.addTwin(node.results[0], *bytes, node.name);
    return Outcome::taken();
}

} // namespace lathe::runtime
