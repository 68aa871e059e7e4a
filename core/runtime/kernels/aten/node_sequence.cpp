#include <core/runtime/kernels/aten/node_sequence_torch.h>

#include <core/graph/operators/operator.h>
#include <core/runtime/kernels/aten/fused_relu.h>
#include <core/runtime/kernels/aten/library_operator_torch.h>

namespace lathe::runtime {

Made makeNodeSequence(const KernelContext& context, std::span<const graph::Node> nodes, graph::ValueId result, InstructionInfo& info) {
    std::vector<std::unique_ptr<Instruction>> parts;
    std::vector<graph::ValueId> between;
    info.kernel.clear();
    for (const graph::Node& part : nodes) {
        InstructionInfo partInfo;
        const bool isFused = !graph::findOperator(part.op)->unfused.empty();
        auto made = isFused ? fusedRelu().make(context, part, partInfo) : makeOperator(context, part, partInfo);
        if (!made) return made;
        parts.push_back(std::move(*made));
        if (part.results[0] != result) between.push_back(part.results[0]);
        info.kernel += (info.kernel.empty() ? "" : ", ") + partInfo.kernel;
    }
    return makeInstruction([parts = std::move(parts), between = std::move(between)](Execution& execution) {
        for (const auto& part : parts)
            part->run(execution);
        for (const graph::ValueId id : between)
            execution.slot(id) = c10::IValue();
    });
}

} // namespace lathe::runtime
