#include <core/runtime/kernels/layer_shape_torch.h>

#include <algorithm>

namespace lathe::runtime {

namespace {

template<class Layer>
ConvolutionShape shape(const Layer& layer, const at::Tensor& weight) {
    ConvolutionShape shape;
    shape.outChannels = weight.size(0);
    shape.inChannels = weight.size(1) * layer.geometry.groups;
    shape.groups = layer.geometry.groups;
    if (!layer.isConvolution) return shape;
    shape.window.kernelHeight = weight.size(2);
    shape.window.kernelWidth = weight.size(3);
    shape.window.strideHeight = layer.geometry.stride[0];
    shape.window.strideWidth = layer.geometry.stride[1];
    shape.window.paddingHeight = layer.geometry.padding[0];
    shape.window.paddingWidth = layer.geometry.padding[1];
    shape.window.dilationHeight = layer.geometry.dilation[0];
    shape.window.dilationWidth = layer.geometry.dilation[1];
    return shape;
}

void checkImage(const ConvolutionShape& shape, const at::Tensor& input) {
    TORCH_CHECK(input.dim() == 4 || input.dim() == 3, "A convolution needs an input of 3 or 4 dimensions, not ", input.dim(), ".");
    const std::int64_t channels = input.size(-3), height = input.size(-2), width = input.size(-1);
    TORCH_CHECK(channels == shape.inChannels, "The weights are for ", shape.inChannels, " input channels, but the input has ", channels,
                ".");
    TORCH_CHECK(shape.window.outHeight(height) > 0 && shape.window.outWidth(width) > 0, "The kernel of ", shape.window.kernelHeight, "x",
                shape.window.kernelWidth, " is larger than the padded input of ", height + 2 * shape.window.paddingHeight, "x",
                width + 2 * shape.window.paddingWidth, ".");
}

void checkRows(const ConvolutionShape& shape, bool flattens, const at::Tensor& input) {
    TORCH_CHECK(input.dim() >= 1, "A linear layer needs an input with at least one dimension.");
    const std::int64_t features = flattens && input.dim() > 2 ? input.numel() / std::max<std::int64_t>(1, input.size(0)) : input.size(-1);
    TORCH_CHECK(features == shape.inChannels || input.numel() == 0, "The weights are for ", shape.inChannels, " inputs, but there are ",
                features, ".");
}

} // namespace

ConvolutionShape shapeOf(const Int8Layer& layer, const at::Tensor& weight) { return shape(layer, weight); }
ConvolutionShape shapeOf(const FloatLayer& layer, const at::Tensor& weight) { return shape(layer, weight); }

void checkInputFits(const Int8Layer& layer, const ConvolutionShape& shape, const at::Tensor& input) {
    layer.isConvolution ? checkImage(shape, input) : checkRows(shape, layer.flattens, input);
}

void checkInputFits(const FloatLayer& layer, const ConvolutionShape& shape, const at::Tensor& input) {
    layer.isConvolution ? checkImage(shape, input) : checkRows(shape, false, input);
}

} // namespace lathe::runtime
