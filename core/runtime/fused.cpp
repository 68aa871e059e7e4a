// Lathe's fused operators in float: the library's kernel, then ReLU in place on its fresh result.
#include <core/runtime/program_torch.h>

#include <ATen/core/Tensor.h>

#include <core/graph/operators/operator.h>

namespace lathe::runtime {

namespace {

base::Result<std::unique_ptr<Instruction>> makeFused(const KernelContext& context, const graph::Node& node, InstructionInfo& info) {
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

KernelFactory findFusedKernel(const std::string& op) {
    const graph::Operator* known = graph::findOperator(op);
    return known != nullptr && !known->unfused.empty() ? makeFused : nullptr;
}

} // namespace lathe::runtime
