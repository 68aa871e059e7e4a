#include <core/runtime/kernels/onednn/onednn_layer_torch.h>

#include <core/graph/operands.h>
#include <core/graph/operators/call.h>
#include <core/runtime/kernels/aten/fused_relu.h>
#include <core/runtime/kernels/aten/library_operator_torch.h>

namespace lathe::runtime {

namespace {

bool isFloat32(const tensor::Tensor* data) { return data != nullptr && data->dtype() == tensor::DType::Float32; }

} // namespace

bool isOnednnLayer(const KernelContext& context, const graph::Node& node, std::size_t weightDimensions) {
    const bool isOffered = context.choices != nullptr || context.options.library == "onednn";
    if (!isOffered || !context.device.is_cpu() || context.options.training) return false;
    const graph::Call call(node);
    const tensor::Tensor* weight = graph::weightData(context.lowered.graph, call.operand("weight"));
    const graph::Operand bias = call.operand("bias");
    return isFloat32(weight) && weight->shape().size() == weightDimensions && weight->elementCount() > 0 && call.value("input") &&
           (bias.isNone() || isFloat32(graph::weightData(context.lowered.graph, bias)));
}

at::Tensor weightOf(const KernelContext& context, const graph::Node& node) { return context.weight(*graph::Call(node).value("weight")); }

std::optional<at::Tensor> optionalBiasOf(const KernelContext& context, const graph::Node& node) {
    const auto bias = graph::Call(node).value("bias");
    return bias ? std::optional(context.weight(*bias)) : std::nullopt;
}

std::string_view followedBy(const graph::Node& node) { return graph::findOperator(node.op)->unfused.empty() ? "none" : "relu"; }

base::Result<std::shared_ptr<Instruction>> makeFallback(const KernelContext& context, const graph::Node& node) {
    InstructionInfo ignored;
    const bool isFused = !graph::findOperator(node.op)->unfused.empty();
    auto made = isFused ? fusedRelu().make(context, node, ignored) : makeOperator(context, node, ignored);
    if (!made) return base::forward(made);
    return std::shared_ptr<Instruction>(std::move(*made));
}

} // namespace lathe::runtime
