#include <core/runtime/kernels/aten/aten_float_layer.h>

#include <core/runtime/kernels/aten/node_sequence_torch.h>
#include <core/runtime/lowering/patterns/float_layer.h>

namespace lathe::runtime {

namespace {

Made make(const KernelContext& context, const graph::Node& node, InstructionInfo& info) {
    const auto& layer = *context.lowered.payload<FloatLayer>(node);
    const graph::ValueId result = node.results[0];
    auto made = makeNodeSequence(context, layer.nodes, result, info);
    if (!made || !layer.isConvolution || context.mayBeChannelsLast(result)) return made;
    // Its image may have its channels last, and then so has the result.
    return makeInstruction([sequence = std::move(*made), result](Execution& execution) {
        sequence->run(execution);
        c10::IValue& slot = execution.slot(result);
        slot = slot.toTensor().contiguous();
    });
}

} // namespace

KernelDefinition atenFloatLayer() {
    return {.id = "aten.float_layer", .words = "ATen", .ops = {op::floatConvolution, op::floatLinear}, .accepts = acceptsAll, .make = make};
}

} // namespace lathe::runtime
