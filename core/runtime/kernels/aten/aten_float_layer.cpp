#include <core/runtime/kernels/aten/aten_float_layer.h>

#include <core/runtime/kernels/aten/node_sequence_torch.h>
#include <core/runtime/lowering/patterns/float_layer.h>

namespace lathe::runtime {

namespace {

Made make(const KernelContext& context, const graph::Node& node, InstructionInfo& info) {
    return makeNodeSequence(context, context.lowered.payload<FloatLayer>(node)->nodes, node.results[0], info);
}

} // namespace

KernelDefinition atenFloatLayer() {
    return {.id = "aten.float_layer", .words = "ATen", .ops = {op::floatConvolution, op::floatLinear}, .accepts = acceptsAll, .make = make};
}

} // namespace lathe::runtime
