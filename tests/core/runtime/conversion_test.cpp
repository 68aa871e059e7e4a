#include <core/runtime/plan_torch.h>

#include <gtest/gtest.h>

#include <ATen/ATen.h>

namespace lathe::runtime {
namespace {

TEST(Conversion, SharesTheBytesAndKeepsThemAlive) {
    at::Tensor shared;
    const void* bytes = nullptr;
    {
        const tensor::Tensor source = tensor::Tensor::of<float>({2, 2}, {1, 2, 3, 4});
        bytes = source.storage()->bytes().data();
        shared = toAten(source);
    }
    EXPECT_EQ(shared.const_data_ptr(), bytes);
    EXPECT_TRUE(at::equal(shared, at::tensor({1.0f, 2.0f, 3.0f, 4.0f}).view({2, 2})));
}

TEST(Conversion, KeepsStridesAndOffset) {
    const tensor::Tensor base = tensor::Tensor::of<float>({6}, {0, 1, 2, 3, 4, 5});
    const tensor::Tensor transposed(tensor::DType::Float32, {2, 2}, {1, 2}, base.storage(), 2 * sizeof(float));
    EXPECT_TRUE(at::equal(toAten(transposed), at::tensor({2.0f, 4.0f, 3.0f, 5.0f}).view({2, 2})));
}

TEST(Conversion, AllElementTypesComeBack) {
    for (const at::ScalarType type :
         {at::kBool, at::kByte, at::kChar, at::kShort, at::kInt, at::kLong, at::kHalf, at::kBFloat16, at::kFloat, at::kDouble}) {
        for (const std::int64_t count : {0, 1, 5}) {
            const at::Tensor tensor = at::ones({count, 3}, type);
            const at::Tensor back = toAten(fromAten(tensor));
            EXPECT_EQ(back.scalar_type(), type);
            EXPECT_TRUE(at::equal(back, tensor));
        }
    }
}

TEST(Conversion, FromAtenCopies) {
    at::Tensor tensor = at::zeros({3});
    const tensor::Tensor copy = fromAten(tensor);
    tensor.fill_(9);
    EXPECT_EQ(copy.toFloats(), (std::vector<float>{0, 0, 0}));
}

TEST(Conversion, QuantizedTensorsGiveTheirIntegers) {
    const at::Tensor quantized = at::quantize_per_tensor(at::tensor({0.0f, 0.5f, 1.0f}), 0.5, 10, at::kQUInt8);
    const tensor::Tensor integers = fromAten(quantized);
    EXPECT_EQ(integers.dtype(), tensor::DType::UInt8);
    EXPECT_EQ(integers.toFloats(), (std::vector<float>{10, 11, 12}));
}

} // namespace
} // namespace lathe::runtime
