#include <core/graph/operators/conversion.h>

#include <core/graph/operators/rows.h>

namespace lathe::graph {

namespace {

constexpr OperatorRow rows[] = {
    {"aten::to.device(Tensor(a) self, Device device, ScalarType dtype, bool non_blocking=False, bool copy=False, MemoryFormat? "
     "memory_format=None) -> Tensor(a)",
     {.channels = ChannelRule::Keeps, .handsOn = true}},
    {"aten::to.dtype(Tensor(a) self, ScalarType dtype, bool non_blocking=False, bool copy=False, MemoryFormat? memory_format=None) -> "
     "Tensor(a)",
     {.channels = ChannelRule::Keeps, .handsOn = true}},
    {"aten::to.dtype_layout(Tensor(a) self, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, "
     "bool non_blocking=False, bool copy=False, MemoryFormat? memory_format=None) -> Tensor(a)",
     {.channels = ChannelRule::Keeps, .handsOn = true}},
    {"aten::to.other(Tensor(a) self, Tensor other, bool non_blocking=False, bool copy=False, MemoryFormat? memory_format=None) -> "
     "Tensor(a)",
     {.channels = ChannelRule::Keeps, .handsOn = true}},
    {"aten::to.prim_Device(Tensor(a) self, Device? device, int? dtype=None, bool non_blocking=False, bool copy=False) -> Tensor(b|a)",
     {.channels = ChannelRule::Keeps, .handsOn = true}},
    {"aten::to.prim_dtype(Tensor(a) self, int? dtype=None, bool non_blocking=False, bool copy=False) -> Tensor(b|a)",
     {.channels = ChannelRule::Keeps, .handsOn = true}},
    {"aten::to.prim_other(Tensor(a) self, bool non_blocking=False, bool copy=False) -> Tensor(b|a)",
     {.channels = ChannelRule::Keeps, .handsOn = true}},
    {"aten::_to_copy(Tensor self, *, ScalarType? dtype=None, Layout? layout=None, Device? device=None, bool? pin_memory=None, bool "
     "non_blocking=False, MemoryFormat? memory_format=None) -> Tensor",
     {.channels = ChannelRule::Keeps, .handsOn = true}},
    {"aten::type_as(Tensor self, Tensor other) -> Tensor", {.channels = ChannelRule::Keeps, .handsOn = true}},
};

} // namespace

FamilyRows conversionRows() { return {Family::Conversion, rows}; }

std::vector<Operand> conversionOperands(ValueId value, tensor::DType dtype) {
    using tensor::DType;
    const auto number = [&]() -> std::int64_t {
        switch (dtype) {
        case DType::UInt8:
            return 0;
        case DType::Int8:
            return 1;
        case DType::Int16:
            return 2;
        case DType::Int32:
            return 3;
        case DType::Int64:
            return 4;
        case DType::Float16:
            return 5;
        case DType::Float32:
            return 6;
        case DType::Float64:
            return 7;
        case DType::Bool:
            return 11;
        case DType::BFloat16:
            return 15;
        }
        return 6;
    };
    return {value, Literal(number()), Literal(false), Literal(false), Operand()};
}

bool isFloatingPoint(tensor::DType dtype) {
    using tensor::DType;
    return dtype == DType::Float16 || dtype == DType::BFloat16 || dtype == DType::Float32 || dtype == DType::Float64;
}

} // namespace lathe::graph
