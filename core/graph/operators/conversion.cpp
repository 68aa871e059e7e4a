#include <core/graph/operators/conversion.h>

#include <algorithm>
#include <utility>

#include <core/graph/operators/call.h>
#include <core/graph/operators/names.h>
#include <core/graph/operators/rows.h>

namespace lathe::graph {

namespace {

constexpr OperatorRow rows[] = {
    {"aten::to.device(Tensor(a) self, Device device, ScalarType dtype, bool non_blocking=False, bool copy=False, MemoryFormat? "
     "memory_format=None) -> Tensor(a)",
     {.channels = ChannelRule::Keeps, .handsOn = true}},
    {"aten::to.dtype(Tensor(a) self, ScalarType dtype, bool non_blocking=False, bool copy=False, MemoryFormat? memory_format=None) -> "
     "Tensor(a)",
     {.channels = ChannelRule::Keeps, .order = MemoryOrder::Keeps, .handsOn = true}},
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

namespace {

/// How PyTorch numbers element types (c10::ScalarType).
constexpr std::pair<tensor::DType, std::int64_t> numbers[] = {
    {tensor::DType::UInt8, 0}, {tensor::DType::Int8, 1},      {tensor::DType::Int16, 2},   {tensor::DType::Int32, 3},
    {tensor::DType::Int64, 4}, {tensor::DType::Float16, 5},   {tensor::DType::Float32, 6}, {tensor::DType::Float64, 7},
    {tensor::DType::Bool, 11}, {tensor::DType::BFloat16, 15},
};

} // namespace

std::vector<Operand> conversionOperands(ValueId value, tensor::DType dtype) {
    const auto* found = std::ranges::find(numbers, dtype, &std::pair<tensor::DType, std::int64_t>::first);
    return {value, Literal(found->second), Literal(false), Literal(false), Operand()};
}

std::optional<tensor::DType> conversionDtype(const Node& node) {
    if (node.op != op::toDtype) return std::nullopt;
    const auto number = Call(node).integer("dtype");
    const auto* found = std::ranges::find(numbers, number.value_or(-1), &std::pair<tensor::DType, std::int64_t>::second);
    return found == std::end(numbers) ? std::nullopt : std::optional(found->first);
}

bool isFloatingPoint(tensor::DType dtype) {
    using tensor::DType;
    return dtype == DType::Float16 || dtype == DType::BFloat16 || dtype == DType::Float32 || dtype == DType::Float64;
}

bool isHalf(tensor::DType dtype) { return dtype == tensor::DType::Float16 || dtype == tensor::DType::BFloat16; }

bool widensWeight(const Graph& graph, const Node& node) {
    if (conversionDtype(node) != tensor::DType::Float32) return false;
    const auto input = mainInput(node);
    return input && graph.value(*input).kind == ValueKind::Weight && isHalf(graph.value(*input).data.dtype());
}

} // namespace lathe::graph
