#pragma once

#include <memory>
#include <string_view>
#include <utility>

#include <ATen/core/Tensor.h>

#include <core/runtime/kernels/int8/lathe_layer_torch.h>
#include <core/runtime/kernels/layer_shape_torch.h>

namespace lathe::runtime {

/// A convolution of images with channels last: one image becomes a batch of one, the result gets its memory and the order that its readers
/// want.
class ConvolutionLayer : public LatheLayer {
public:
    using LatheLayer::LatheLayer;

protected:
    /// A batch of images, and the sizes of its results.
    struct Images {
        const std::uint8_t* bytes;
        std::int64_t batch, height, width;
        std::int64_t outHeight, outWidth;
        std::int32_t zeroPoint;
    };
    /// `output`: at the first element of all.
    virtual void convolveImages(const Images& images, const Int8Output& output) const = 0;

private:
    at::Tensor runBytes(const at::Tensor& given, std::int32_t zeroPoint, const Scales& scales, const at::Tensor& added) const final {
        const bool isOne = given.dim() == 3;
        constexpr auto channelsLast = at::MemoryFormat::ChannelsLast;
        const at::Tensor input = (isOne ? given.unsqueeze(0) : given).contiguous(channelsLast);
        const Images images{static_cast<const std::uint8_t*>(input.const_data_ptr()),
                            input.size(0),
                            input.size(2),
                            input.size(3),
                            shape().window.outHeight(input.size(2)),
                            shape().window.outWidth(input.size(3)),
                            zeroPoint};
        at::Tensor result = emptyResult({images.batch, shape().outChannels, images.outHeight, images.outWidth}, channelsLast);
        const at::Tensor residual = residualLike(result, isOne && added.defined() ? added.unsqueeze(0) : added, channelsLast);
        convolveImages(images, outputInto(result, residual, scales));
        // Floats go to operators that may want rows in the usual order (view).
        if (!layer().output && (isOne || !layer().keepsChannelsLast)) result = result.contiguous();
        return isOne ? result.squeeze(0) : result;
    }
};

/// The instruction of a node by this Layer, made from (layer, Weights, bias), whose Weights are made from (shape, weights less their zero
/// points). `library` as makeInt8Instruction() has it.
template<class Layer, class Weights>
[[nodiscard]] Made makeConvolution(std::string_view library, const KernelContext& context, const graph::Node& node, InstructionInfo& info) {
    const auto& layer = *context.lowered.payload<Int8Layer>(node);
    const at::Tensor& weight = context.weight(layer.weight);
    Weights weights(shapeOf(layer, weight), centredWeights(layer, weight));
    return makeInt8Instruction(library, layer, std::make_shared<Layer>(layer, std::move(weights), biasOf(context, layer)), node, info);
}

} // namespace lathe::runtime
