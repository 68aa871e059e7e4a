#include <core/runtime/kernels/onednn/onednn_linear.h>

#include <ATen/core/dispatch/Dispatcher.h>

#include <core/graph/operators/call.h>
#include <core/runtime/kernels/onednn/onednn_layer_torch.h>

namespace lathe::runtime {

namespace {

using Multiply = at::Tensor(const at::Tensor&, const at::Tensor&, const std::optional<at::Tensor>&, std::string_view, NoScalars,
                            std::optional<std::string_view>);
using Pack = at::Tensor(const at::Tensor&, std::optional<std::int64_t>);

Verdict accepts(const KernelContext& context, const graph::Node& node) {
    return isOnednnLayer(context, node, 2) ? Verdict::accepted(onednnCost) : Verdict::otherKind();
}

Made make(const KernelContext& context, const graph::Node& node, InstructionInfo& info) {
    auto fallback = makeFallback(context, node);
    if (!fallback) return base::forward(fallback);
    const at::Tensor weight = weightOf(context, node);
    const graph::ValueId input = *graph::Call(node).value("input"), result = node.results.front();
    auto& operators = c10::Dispatcher::singleton();
    const at::Tensor packed =
        operators.findSchemaOrThrow("mkldnn::_reorder_linear_weight", "").typed<Pack>().call(weight.contiguous(), std::nullopt);
    info.kernel = std::string("oneDNN linear") + (followedBy(node) == "relu" ? "+relu" : "") + ", weights packed once";
    return makeInstruction([multiply = operators.findSchemaOrThrow("mkldnn::_linear_pointwise", "").typed<Multiply>(), packed,
                            bias = optionalBiasOf(context, node), relu = followedBy(node), noScalars = NoScalars(),
                            features = weight.size(1), fallback = std::move(*fallback), input, result](Execution& execution) {
        const at::Tensor& rows = execution.tensor(input);
        if (rows.dim() < 2 || rows.scalar_type() != at::kFloat || rows.size(-1) != features || rows.numel() == 0) {
            fallback->run(execution);
            return;
        }
        execution.slot(result) = multiply.call(rows, packed, bias, relu, noScalars, std::nullopt);
    });
}

} // namespace

KernelDefinition onednnLinear() {
    return {.id = "onednn.linear",
            .words = "oneDNN with packed weights",
            .ops = {op::linear, op::linearRelu},
            .accepts = accepts,
            .make = make};
}

} // namespace lathe::runtime
