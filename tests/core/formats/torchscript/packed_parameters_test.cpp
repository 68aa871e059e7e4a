#include <core/formats/torchscript/packed_parameters_torch.h>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <core/formats/quantized_weights_torch.h>

namespace lathe::formats {
namespace {

using IntList = std::vector<std::int64_t>;

at::Tensor perChannel(const std::vector<std::int64_t>& shape, std::int64_t axis = 0) {
    const std::int64_t channels = shape[static_cast<std::size_t>(axis)];
    return at::quantize_per_channel(at::randn(shape), at::rand({channels}, at::kDouble) + 0.01, at::zeros({channels}, at::kLong), axis,
                                    at::kQInt8);
}

TEST(PackedParameters, AreWhatWasPacked) {
    const at::Tensor matrix = perChannel({3, 5}), bias = at::randn({3});
    const auto linear = unpackParameters(packLinear(matrix, bias));
    ASSERT_TRUE(linear);
    EXPECT_TRUE(at::equal(linear->weight.int_repr(), matrix.int_repr()));
    EXPECT_TRUE(at::equal(*linear->bias, bias));

    const at::Tensor filters = perChannel({4, 1, 3, 2});
    const auto convolution = unpackParameters(packConv2d(filters, std::nullopt, {{2, 1}, {1, 0}, {1, 3}, 4}));
    ASSERT_TRUE(convolution);
    EXPECT_TRUE(at::equal(convolution->weight.int_repr().contiguous(), filters.int_repr()));
    EXPECT_FALSE(convolution->bias);
    EXPECT_EQ(convolution->stride, (IntList{2, 1}));
    EXPECT_EQ(convolution->padding, (IntList{1, 0}));
    EXPECT_EQ(convolution->dilation, (IntList{1, 3}));
    EXPECT_EQ(convolution->groups, 4);
    EXPECT_FALSE(convolution->isTransposed);

    for (const c10::IValue& other : {c10::IValue(1), c10::IValue(bias), c10::IValue()})
        EXPECT_FALSE(unpackParameters(other));
}

TEST(PackedParameters, QuantizedTensorsAreTakenApart) {
    const at::Tensor channels = perChannel({3, 5, 2}, 1);
    ASSERT_TRUE(takeApart(channels));
    EXPECT_EQ(takeApart(channels)->axis, 1);
    EXPECT_EQ(takeApart(channels)->scales.size(), 5U);
    EXPECT_EQ(takeApart(channels)->zeroPoints, IntList(5, 0));
    EXPECT_EQ(takeApart(channels)->integers.scalar_type(), at::kChar);

    const at::Tensor whole = at::quantize_per_tensor(at::randn({2, 3}).t(), 0.5, 7, at::kQUInt8);
    ASSERT_TRUE(takeApart(whole));
    EXPECT_FALSE(takeApart(whole)->axis);
    EXPECT_EQ(takeApart(whole)->scales, std::vector<double>{0.5});
    EXPECT_EQ(takeApart(whole)->zeroPoints, IntList{7});
    EXPECT_TRUE(takeApart(whole)->integers.is_contiguous());
}

TEST(PackedParameters, ScalesThatDoNotFitTheShapeAreRefused) {
    // As a file makes them: the shape is set after the scales.
    const at::Tensor tensor = at::_empty_per_channel_affine_quantized({0}, at::ones({3}, at::kDouble), at::zeros({3}, at::kLong), 0,
                                                                      at::TensorOptions(at::kQInt8));
    tensor.unsafeGetTensorImpl()->set_sizes_contiguous({0, 4});
    EXPECT_FALSE(takeApart(tensor));
    EXPECT_FALSE(takeApart(at::randn({3})));
    const at::Tensor fractions = at::quantize_per_channel(at::rand({3, 4}), at::ones({3}), at::full({3}, 0.5), 0, at::kQUInt8);
    EXPECT_FALSE(takeApart(fractions));
}

} // namespace
} // namespace lathe::formats
