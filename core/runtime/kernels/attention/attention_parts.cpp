#include <core/runtime/kernels/attention/attention_parts.h>

#include <core/runtime/kernels/aten/node_sequence_torch.h>
#include <core/runtime/lowering/patterns/attention.h>

namespace lathe::runtime {

namespace {

Made make(const KernelContext& context, const graph::Node& node, InstructionInfo& info) {
    return makeNodeSequence(context, context.lowered.payload<Attention>(node)->nodes, node.results[0], info);
}

} // namespace

KernelDefinition attentionParts() {
    return {.id = "aten.attention_parts",
            .words = "ATen's operators one after the other",
            .ops = {graph::op::attention},
            .accepts = acceptsAll,
            .make = make};
}

} // namespace lathe::runtime
