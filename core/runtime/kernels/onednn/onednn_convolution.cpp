#include <core/runtime/kernels/onednn/onednn_convolution.h>

#include <ATen/core/dispatch/Dispatcher.h>

#include <core/graph/operators/convolution.h>
#include <core/runtime/kernels/onednn/onednn_layer_torch.h>
#include <core/runtime/lowering/qdq_nodes.h>

namespace lathe::runtime {

namespace {

using Sizes = std::vector<std::int64_t>;
using Convolve = at::Tensor(const at::Tensor&, const at::Tensor&, const std::optional<at::Tensor>&, at::IntArrayRef, at::IntArrayRef,
                            at::IntArrayRef, std::int64_t, std::string_view, NoScalars, std::optional<std::string_view>);
using Pack = at::Tensor(const at::Tensor&, at::IntArrayRef, at::IntArrayRef, at::IntArrayRef, std::int64_t, at::OptionalIntArrayRef);

struct Geometry {
    Sizes stride, padding, dilation;
    std::int64_t groups = 1;
};

std::optional<Geometry> geometryOf(const graph::Node& node) {
    const graph::Convolution convolution(node);
    const auto both = [](const std::optional<Sizes>& sizes) -> std::optional<Sizes> {
        const auto pair = sizes ? pairOf(graph::Literal(*sizes)) : std::nullopt;
        return pair ? std::optional(Sizes{(*pair)[0], (*pair)[1]}) : std::nullopt;
    };
    const auto stride = both(convolution.stride()), padding = both(convolution.padding()), dilation = both(convolution.dilation());
    const auto groups = convolution.groups();
    if (!stride || !padding || !dilation || !groups) return std::nullopt;
    return Geometry{*stride, *padding, *dilation, *groups};
}

Verdict accepts(const KernelContext& context, const graph::Node& node) {
    if (!isOnednnLayer(context, node, 4)) return Verdict::otherKind();
    if (!geometryOf(node)) return Verdict::refused(base::Message("kernel.geometryComputed", {}));
    return Verdict::accepted(onednnCost);
}

Made make(const KernelContext& context, const graph::Node& node, InstructionInfo& info) {
    auto fallback = makeFallback(context, node);
    if (!fallback) return base::forward(fallback);
    const Geometry geometry = geometryOf(node).value();
    const at::Tensor weight = weightOf(context, node);
    const graph::ValueId input = *graph::Call(node).value("input"), result = node.results.front();
    auto& operators = c10::Dispatcher::singleton();
    const at::Tensor packed = operators.findSchemaOrThrow("mkldnn::_reorder_convolution_weight", "")
                                  .typed<Pack>()
                                  .call(weight, geometry.padding, geometry.stride, geometry.dilation, geometry.groups, std::nullopt);
    info.kernel = std::string("oneDNN conv2d") + (followedBy(node) == "relu" ? "+relu" : "") + ", weights packed once";
    return makeInstruction([convolve = operators.findSchemaOrThrow("mkldnn::_convolution_pointwise", "").typed<Convolve>(), geometry,
                            packed, bias = optionalBiasOf(context, node), relu = followedBy(node), noScalars = NoScalars(),
                            channels = weight.size(1) * geometry.groups, fallback = std::move(*fallback),
                            keepsOrder = context.mayBeChannelsLast(result), input, result](Execution& execution) {
        const at::Tensor& image = execution.tensor(input);
        if (image.dim() != 4 || image.scalar_type() != at::kFloat || image.size(1) != channels || image.numel() == 0) {
            fallback->run(execution);
            return;
        }
        at::Tensor made = convolve.call(image, packed, bias, geometry.padding, geometry.stride, geometry.dilation, geometry.groups, relu,
                                        noScalars, std::nullopt);
        // oneDNN gives channels-last images, which a view that follows would not take.
        execution.slot(result) = keepsOrder ? std::move(made) : made.contiguous();
    });
}

} // namespace

KernelDefinition onednnConvolution() {
    return {.id = "onednn.convolution",
            .words = "oneDNN with packed weights",
            .ops = {op::conv2d, op::conv2dRelu},
            .accepts = accepts,
            .make = make};
}

} // namespace lathe::runtime
