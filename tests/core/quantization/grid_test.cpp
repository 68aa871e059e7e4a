#include <core/quantization/grid.h>

#include <gtest/gtest.h>

namespace lathe::quantization {
namespace {

using tensor::DType;

TEST(Grid, RangesOfSignedIntegers) {
    EXPECT_EQ(signedRange(8, Scheme::Symmetric), (IntegerRange{-127, 127, DType::Int8}));
    EXPECT_EQ(signedRange(8, Scheme::Affine), (IntegerRange{-128, 127, DType::Int8}));
    EXPECT_EQ(signedRange(4, Scheme::Symmetric), (IntegerRange{-7, 7, DType::Int8}));
    EXPECT_EQ(signedRange(2, Scheme::Symmetric), (IntegerRange{-1, 1, DType::Int8}));
    EXPECT_EQ(signedRange(2, Scheme::Affine), (IntegerRange{-2, 1, DType::Int8}));
    EXPECT_EQ(signedRange(16, Scheme::Affine), (IntegerRange{-32768, 32767, DType::Int16}));
    EXPECT_EQ(signedRange(9, Scheme::Affine).steps(), 511);
}

TEST(Grid, WholeRangesOfElementTypes) {
    EXPECT_EQ(wholeRange(DType::UInt8), IntegerRange());
    EXPECT_EQ(wholeRange(DType::Int8).minimum, -128);
    EXPECT_EQ(wholeRange(DType::Int32).steps(), 4294967295);
}

TEST(Grid, OfTokensIsDynamicOnInt8) {
    EXPECT_TRUE(tokenGrid().isDynamic);
    EXPECT_EQ(tokenGrid().range, wholeRange(DType::Int8));
    EXPECT_EQ(tokenGrid().granularity, Granularity::Token);
    EXPECT_EQ(dynamicGrid({0, 127}).smallestScale, 1.1920928955078125e-07);
}

} // namespace
} // namespace lathe::quantization
