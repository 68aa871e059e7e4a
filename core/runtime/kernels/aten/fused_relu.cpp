#include <core/runtime/kernels/aten/fused_relu.h>

#include <ATen/core/Tensor.h>

#include <core/graph/operators/operator.h>
#include <core/runtime/kernels/aten/library_operator_torch.h>
#include <core/runtime/kernels/kernel_context_torch.h>

namespace lathe::runtime {

namespace {

Made makeFused(const KernelContext& context, const graph::Node& node, InstructionInfo& info) {
    graph::Node plain = node;
    plain.op = graph::findOperator(node.op)->unfused;
    auto kernel = makeOperator(context, plain, info);
    if (!kernel) return kernel;
    info.kernel += "+relu";
    const graph::ValueId result = node.results.front();
    // Autograd of the layer may need its result, so training keeps both tensors.
    const bool inPlace = !context.options.training;
    return makeInstruction([layer = std::shared_ptr<Instruction>(std::move(*kernel)), result, inPlace](Execution& execution) {
        layer->run(execution);
        c10::IValue& output = execution.slot(result);
        if (inPlace)
            output.toTensor().relu_();
        else
            output = output.toTensor().relu();
    });
}

} // namespace

KernelDefinition fusedRelu() {
    std::vector<std::string_view> fused;
    for (const graph::Operator& known : graph::operators()) {
        if (!known.unfused.empty()) fused.emplace_back(known.name);
    }
    return {.id = "aten.fused_relu", .words = "ATen", .ops = std::move(fused), .accepts = acceptsAll, .make = makeFused};
}

} // namespace lathe::runtime
