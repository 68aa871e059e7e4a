#include <core/tensor/tensor.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include <gtest/gtest.h>

namespace lathe::tensor {
namespace {

Tensor halves(std::initializer_list<std::uint16_t> bits) {
    const std::vector<std::uint16_t> values(bits);
    return Tensor(DType::Float16, {static_cast<std::int64_t>(values.size())}, Storage::copyOf(std::as_bytes(std::span(values))));
}

TEST(DTypes, NamesGoBothWays) {
    for (const DType dtype : {DType::Bool, DType::UInt8, DType::Int8, DType::Int16, DType::Int32, DType::Int64, DType::Float16,
                              DType::BFloat16, DType::Float32, DType::Float64}) {
        EXPECT_EQ(dtypeFromName(name(dtype)), dtype) << name(dtype);
    }
    EXPECT_EQ(dtypeFromName("float"), std::nullopt);
    EXPECT_EQ(byteSize(DType::BFloat16), 2U);
}

TEST(ElementCount, OfHostileShapesIsRefused) {
    EXPECT_EQ(*checkedElementCount({}), 1);
    EXPECT_EQ(*checkedElementCount({2, 0, 3}), 0);
    EXPECT_EQ(checkedElementCount({2, -1}).error().message, "The shape 2x-1 has a negative dimension.");
    EXPECT_FALSE(checkedElementCount({std::int64_t{1} << 40, std::int64_t{1} << 40}));
    EXPECT_FALSE(checkedElementCount({std::int64_t{1} << 40, 0, std::int64_t{1} << 40})) << "its strides would overflow";
}

TEST(Tensors, TransposedViewBecomesContiguous) {
    const Tensor rows = Tensor::of<float>({2, 3}, {1, 2, 3, 4, 5, 6});
    const Tensor transposed(DType::Float32, {3, 2}, {1, 3}, rows.storage(), 0);
    EXPECT_FALSE(transposed.isContiguous());
    EXPECT_EQ(transposed.toFloats(), (std::vector<float>{1, 4, 2, 5, 3, 6}));
    EXPECT_TRUE(transposed.contiguous().isContiguous());
    EXPECT_TRUE(transposed.contiguous().sameContent(transposed));
    EXPECT_FALSE(transposed.sameContent(rows));
}

TEST(Tensors, BroadcastViewRepeatsItsElement) {
    const Tensor one = Tensor::of<std::int64_t>({1}, {7});
    EXPECT_EQ(Tensor(DType::Int64, {3}, {0}, one.storage(), 0).toFloats(), (std::vector<float>{7, 7, 7}));
}

TEST(Tensors, ScalarsAndEmptyOnesHaveNoSurprises) {
    EXPECT_EQ(Tensor::of<float>({}, {3}).toFloats(), std::vector<float>{3});
    EXPECT_TRUE(Tensor::zeros(DType::Int8, {0, 4}).toFloats().empty());
    EXPECT_TRUE(Tensor().isNull());
    EXPECT_TRUE(Tensor().sameContent(Tensor()));
}

TEST(Tensors, CopiesShareTheirStorage) {
    const Tensor a = Tensor::zeros(DType::Float32, {4});
    const Tensor b = a; // NOLINT: the copy is what is tested
    EXPECT_EQ(a.storage(), b.storage());
}

TEST(Conversion, OfAllHalvesGoesThereAndBack) {
    for (int bits = 0; bits < 65536; ++bits) {
        const Tensor half = halves({static_cast<std::uint16_t>(bits)});
        const float value = half.toFloats()[0];
        const Tensor back = Tensor::of<float>({1}, {value}).to(DType::Float16);
        if (std::isnan(value)) {
            EXPECT_TRUE(std::isnan(back.toFloats()[0]));
        } else {
            EXPECT_TRUE(back.sameContent(half)) << bits;
        }
    }
}

TEST(Conversion, ToHalfRoundsToEvenAndOverflowsToInfinity) {
    const Tensor source = Tensor::of<float>({5}, {1.0F + 1.0F / 2048, 1.0F + 3.0F / 2048, 65519.0F, 65520.0F, 2.9e-8F});
    EXPECT_EQ(source.to(DType::Float16).toFloats(),
              (std::vector<float>{1.0F, 1.0F + 2.0F / 1024, 65504.0F, std::numeric_limits<float>::infinity(), 0.0F}));
}

TEST(Conversion, ToBrainFloatKeepsEightBits) {
    const Tensor source = Tensor::of<float>({3}, {1.0F + 1.0F / 256, 1.0F + 3.0F / 256, -0.0F});
    const auto values = source.to(DType::BFloat16).toFloats();
    EXPECT_EQ(values[0], 1.0F);
    EXPECT_EQ(values[1], 1.0F + 2.0F / 128);
    EXPECT_TRUE(std::signbit(values[2]));
}

TEST(Conversion, GoesFromEachDtypeToEachOther) {
    constexpr std::array all{DType::Bool,  DType::UInt8,   DType::Int8,     DType::Int16,   DType::Int32,
                             DType::Int64, DType::Float16, DType::BFloat16, DType::Float32, DType::Float64};
    const Tensor source = Tensor::of<float>({2, 3}, {0, 1, 2, 3, 64, 100});
    const Tensor columns(DType::Float32, {3, 2}, {1, 3}, source.storage(), 0);
    for (const DType from : all) {
        const Tensor stored = columns.to(from);
        const std::vector<float> expected =
            from == DType::Bool ? std::vector<float>{0, 1, 1, 1, 1, 1} : std::vector<float>{0, 3, 1, 64, 2, 100};
        EXPECT_EQ(stored.toFloats(), expected) << name(from);
        for (const DType to : all) {
            const Tensor converted = stored.to(to);
            EXPECT_EQ(converted.dtype(), to);
            EXPECT_EQ(converted.toFloats(), to == DType::Bool ? (std::vector<float>{0, 1, 1, 1, 1, 1}) : expected)
                << name(from) << " to " << name(to);
        }
    }
}

TEST(Conversion, KeepsIntegersThatNoDoubleHolds) {
    const std::int64_t large = (std::int64_t{1} << 53) + 1;
    EXPECT_EQ(Tensor::of<std::int64_t>({1}, {large}).to(DType::Int32).values<std::int32_t>().front(), static_cast<std::int32_t>(large));
}

TEST(Conversion, ReadsElementsThatLieAtAnOddAddress) {
    std::vector<std::byte> bytes(9);
    const float value = 1.5F;
    std::memcpy(bytes.data() + 1, &value, sizeof value);
    const Tensor odd(DType::Float32, {2}, Storage::copyOf(bytes), 1);
    EXPECT_EQ(odd.toFloats(), (std::vector<float>{1.5F, 0}));
    EXPECT_EQ(odd.to(DType::Float64).values<double>().front(), 1.5);
}

TEST(SameContent, ComparesBitsSoNotANumberEqualsItself) {
    const Tensor nan = Tensor::of<float>({1}, {std::numeric_limits<float>::quiet_NaN()});
    EXPECT_TRUE(nan.sameContent(nan.to(DType::Float32)));
    EXPECT_FALSE(Tensor::of<float>({1}, {0.0F}).sameContent(Tensor::of<float>({1}, {-0.0F})));
}

} // namespace
} // namespace lathe::tensor
