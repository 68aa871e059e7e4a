#include <core/formats/aten_tensor_torch.h>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace lathe::formats {
namespace {

using tensor::DType;

TEST(AtenTensor, ElementTypesMapBothWays) {
    for (const DType dtype : {DType::Bool, DType::UInt8, DType::Int8, DType::Int16, DType::Int32, DType::Int64, DType::Float16,
                              DType::BFloat16, DType::Float32, DType::Float64}) {
        EXPECT_EQ(dtypeOf(scalarTypeOf(dtype)), dtype);
        EXPECT_EQ(c10::elementSize(scalarTypeOf(dtype)), tensor::byteSize(dtype));
    }
    EXPECT_EQ(dtypeOf(at::kComplexFloat), std::nullopt);
    EXPECT_EQ(dtypeOf(at::kQInt8), std::nullopt);
}

TEST(AtenTensor, SharesBytesWithStridesAndOffset) {
    const auto whole = tensor::Tensor::of<float>({6}, {0, 1, 2, 3, 4, 5});
    const tensor::Tensor transposed(DType::Float32, {2, 2}, {1, 2}, whole.storage(), 4);
    const at::Tensor shared = shareAsAten(transposed);
    EXPECT_TRUE(at::equal(shared, at::tensor({1.0F, 3.0F, 2.0F, 4.0F}).reshape({2, 2})));
    EXPECT_EQ(shared.const_data_ptr(), whole.storage()->bytes().data() + 4);
}

TEST(AtenTensor, KeepsTheStorageAlive) {
    at::Tensor shared;
    {
        const auto temporary = tensor::Tensor::of<float>({2}, {1, 2});
        shared = shareAsAten(temporary);
    }
    EXPECT_TRUE(at::equal(shared, at::tensor({1.0F, 2.0F})));
}

TEST(AtenTensor, EmptyStaysEmpty) { EXPECT_EQ(shareAsAten(tensor::Tensor::zeros(DType::Float32, {0, 3})).numel(), 0); }

} // namespace
} // namespace lathe::formats
