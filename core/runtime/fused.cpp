// Lathe's fused operators in float: the library's kernel, then ReLU in place on its fresh result.
#include <core/runtime/program_torch.h>

#include <ATen/core/Tensor.h>

namespace lathe::runtime {

namespace {

constexpr std::string_view fusedPrefix = "lathe::";
constexpr std::string_view reluSuffix = "_relu";

base::Result<std::unique_ptr<Instruction>> makeFused(const KernelContext& context, const graph::Node& node, InstructionInfo& info) {
    graph::Node plain = node;
    plain.op = "aten::" + node.op.substr(fusedPrefix.size(), node.op.size() - fusedPrefix.size() - reluSuffix.size());
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
    const bool isFused = op.starts_with(fusedPrefix) && op.ends_with(reluSuffix) && op.size() > fusedPrefix.size() + reluSuffix.size();
    return isFused ? makeFused : nullptr;
}

} // namespace lathe::runtime
