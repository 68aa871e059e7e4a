#include <core/formats/exported_program/types.h>

#include <set>

#include <c10/core/Layout.h>
#include <c10/core/ScalarType.h>
#include <gtest/gtest.h>
#include <torch/csrc/utils/generated_serialization_types.h>

#include <core/formats/aten_tensor_torch.h>

namespace lathe::formats {
namespace {

using tensor::DType;

template<class Enum>
std::int64_t number(Enum value) {
    return static_cast<std::int64_t>(value);
}

constexpr DType all[]{DType::Bool,  DType::UInt8,   DType::Int8,     DType::Int16,   DType::Int32,
                      DType::Int64, DType::Float16, DType::BFloat16, DType::Float32, DType::Float64};

TEST(ExportedProgramTypes, NumbersAreThoseOfPyTorchsSchema) {
    using torch::_export::ScalarType;
    EXPECT_EQ(schemaNumber(DType::UInt8), number(ScalarType::BYTE));
    EXPECT_EQ(schemaNumber(DType::Int8), number(ScalarType::CHAR));
    EXPECT_EQ(schemaNumber(DType::Int16), number(ScalarType::SHORT));
    EXPECT_EQ(schemaNumber(DType::Int32), number(ScalarType::INT));
    EXPECT_EQ(schemaNumber(DType::Int64), number(ScalarType::LONG));
    EXPECT_EQ(schemaNumber(DType::Float16), number(ScalarType::HALF));
    EXPECT_EQ(schemaNumber(DType::Float32), number(ScalarType::FLOAT));
    EXPECT_EQ(schemaNumber(DType::Float64), number(ScalarType::DOUBLE));
    EXPECT_EQ(schemaNumber(DType::Bool), number(ScalarType::BOOL));
    EXPECT_EQ(schemaNumber(DType::BFloat16), number(ScalarType::BFLOAT16));
    EXPECT_EQ(stridedLayout, number(torch::_export::Layout::Strided));
}

TEST(ExportedProgramTypes, EveryTypeComesBack) {
    std::set<std::int64_t> numbers;
    for (const DType dtype : all) {
        EXPECT_EQ(dtypeFromSchema(schemaNumber(dtype)), dtype) << tensor::name(dtype);
        EXPECT_EQ(atenScalarType(schemaNumber(dtype)), number(scalarTypeOf(dtype))) << tensor::name(dtype);
        EXPECT_EQ(schemaScalarType(number(scalarTypeOf(dtype))), schemaNumber(dtype)) << tensor::name(dtype);
        numbers.insert(schemaNumber(dtype));
    }
    EXPECT_EQ(numbers.size(), std::size(all));
}

TEST(ExportedProgramTypes, MemoryFormatsAndLayouts) {
    using torch::_export::MemoryFormat;
    const std::pair<MemoryFormat, c10::MemoryFormat> formats[]{
        {MemoryFormat::ContiguousFormat, c10::MemoryFormat::Contiguous},
        {MemoryFormat::ChannelsLast, c10::MemoryFormat::ChannelsLast},
        {MemoryFormat::ChannelsLast3d, c10::MemoryFormat::ChannelsLast3d},
        {MemoryFormat::PreserveFormat, c10::MemoryFormat::Preserve},
    };
    for (const auto& [schema, aten] : formats) {
        EXPECT_EQ(atenMemoryFormat(number(schema)), number(aten));
        EXPECT_EQ(schemaMemoryFormat(number(aten)), number(schema));
    }
    EXPECT_EQ(atenLayout(stridedLayout), number(c10::Layout::Strided));
}

TEST(ExportedProgramTypes, OtherNumbersMeanNothing) {
    for (const std::int64_t other : {std::int64_t{-1}, std::int64_t{0}, std::int64_t{99}, std::int64_t{1} << 40}) {
        EXPECT_FALSE(dtypeFromSchema(other)) << other;
        EXPECT_FALSE(atenScalarType(other)) << other;
        EXPECT_FALSE(atenMemoryFormat(other)) << other;
        EXPECT_FALSE(atenLayout(other)) << other;
    }
    EXPECT_FALSE(dtypeFromSchema(number(torch::_export::ScalarType::COMPLEXFLOAT)));
    EXPECT_FALSE(schemaScalarType(number(c10::ScalarType::QInt8)));
    EXPECT_FALSE(schemaMemoryFormat(99));
}

} // namespace
} // namespace lathe::formats
