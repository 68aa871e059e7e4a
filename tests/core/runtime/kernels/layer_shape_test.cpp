#include <gtest/gtest.h>

#include <ATen/ATen.h>

#include <core/runtime/kernels/layer_shape_torch.h>

using namespace lathe::runtime;

namespace {

/// What the check says, or nothing when the input fits.
std::string problem(const Int8Layer& layer, const at::Tensor& weight, const at::Tensor& input) {
    try {
        checkInputFits(layer, shapeOf(layer, weight), input);
    } catch (const c10::Error& error) {
        return error.what_without_backtrace();
    }
    return {};
}

Int8Layer convolution() {
    Int8Layer layer;
    layer.isConvolution = true;
    layer.geometry.stride = {1, 1};
    layer.geometry.padding = {1, 1};
    layer.geometry.dilation = {1, 1};
    layer.geometry.groups = 2;
    return layer;
}

} // namespace

TEST(LayerShape, CountsTheChannelsOfAllGroups) {
    const ConvolutionShape shape = shapeOf(convolution(), at::zeros({6, 4, 3, 5}));
    EXPECT_EQ(shape.inChannels, 8);
    EXPECT_EQ(shape.outChannels, 6);
    EXPECT_EQ(shape.window.kernelHeight, 3);
    EXPECT_EQ(shape.window.kernelWidth, 5);
}

TEST(LayerShape, AnImageMayStandAlone) {
    const at::Tensor weight = at::zeros({6, 4, 3, 5});
    EXPECT_EQ(problem(convolution(), weight, at::zeros({2, 8, 4, 4})), "");
    EXPECT_EQ(problem(convolution(), weight, at::zeros({8, 4, 4})), "");
    EXPECT_EQ(problem(convolution(), weight, at::zeros({4, 4})), "A convolution needs an input of 3 or 4 dimensions, not 2.");
    EXPECT_EQ(problem(convolution(), weight, at::zeros({2, 4, 4, 4})), "The weights are for 8 input channels, but the input has 4.");
    EXPECT_EQ(problem(convolution(), weight, at::zeros({2, 8, 4, 2})), "The kernel of 3x5 is larger than the padded input of 6x4.");
}

TEST(LayerShape, ALinearLayerMayFlattenFirst) {
    Int8Layer layer;
    const at::Tensor weight = at::zeros({10, 12});
    EXPECT_EQ(problem(layer, weight, at::zeros({12})), "");
    EXPECT_EQ(problem(layer, weight, at::zeros({5, 7, 12})), "");
    EXPECT_EQ(problem(layer, weight, at::zeros({0, 7})), "");
    EXPECT_EQ(problem(layer, weight, at::zeros({})), "A linear layer needs an input with at least one dimension.");
    EXPECT_EQ(problem(layer, weight, at::zeros({5, 3, 2, 2})), "The weights are for 12 inputs, but there are 2.");
    layer.flattens = true;
    EXPECT_EQ(problem(layer, weight, at::zeros({5, 3, 2, 2})), "");
    EXPECT_EQ(problem(layer, weight, at::zeros({5, 3, 2, 3})), "The weights are for 12 inputs, but there are 18.");
}
