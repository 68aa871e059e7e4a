#include <core/runtime/kernels/int8/int8_linear.h>

#include <core/runtime/kernels/int8/row_linear_torch.h>
#include <core/runtime/kernels/layer_shape_torch.h>

namespace lathe::runtime {

namespace {

Verdict accepts(const KernelContext& context, const graph::Node& node) {
    const auto* layer = context.lowered.payload<Int8Layer>(node);
    return layer && !layer->isConvolution ? Verdict::accepted(1, whyOnThisCpu(context.machine)) : Verdict::otherKind();
}

Made make(const KernelContext& context, const graph::Node& node, InstructionInfo& info) {
    const auto& layer = *context.lowered.payload<Int8Layer>(node);
    const at::Tensor &weight = context.weight(layer.weight), bias = biasOf(context, layer);
    Int8Weights weights(shapeOf(layer, weight), centredWeights(layer, weight), int8Instructions());
    std::shared_ptr<const Int8LayerKernel> kernel;
    if (weights.form() == Int8Form::Bytes)
        kernel = std::make_shared<RowLinear<std::uint8_t, Int8Weights>>(layer, std::move(weights), bias);
    else
        kernel = std::make_shared<RowLinear<std::int16_t, Int8Weights>>(layer, std::move(weights), bias);
    return makeInt8Instruction("Lathe", layer, std::move(kernel), node, info);
}

} // namespace

KernelDefinition int8Linear() {
    return {.id = "lathe.int8.linear", .words = "Lathe int8 linear", .ops = {op::int8Layer}, .accepts = accepts, .make = make};
}

} // namespace lathe::runtime
