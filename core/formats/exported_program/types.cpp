#include <core/formats/exported_program/types.h>

#include <array>
#include <span>

namespace lathe::formats {

namespace {

using tensor::DType;

struct DTypeNumber {
    DType dtype;
    std::int64_t number;
};
constexpr std::array dtypes{
    DTypeNumber{DType::UInt8, 1}, DTypeNumber{DType::Int8, 2},      DTypeNumber{DType::Int16, 3},   DTypeNumber{DType::Int32, 4},
    DTypeNumber{DType::Int64, 5}, DTypeNumber{DType::Float16, 6},   DTypeNumber{DType::Float32, 7}, DTypeNumber{DType::Float64, 8},
    DTypeNumber{DType::Bool, 12}, DTypeNumber{DType::BFloat16, 13},
};

struct Pair {
    std::int64_t schema, aten;
};
// c10/core/ScalarType.h
constexpr std::array scalarTypes{Pair{1, 0}, Pair{2, 1}, Pair{3, 2},  Pair{4, 3},   Pair{5, 4},   Pair{6, 5},  Pair{7, 6},
                                 Pair{8, 7}, Pair{9, 8}, Pair{10, 9}, Pair{11, 10}, Pair{12, 11}, Pair{13, 15}};
// c10/core/MemoryFormat.h
constexpr std::array memoryFormats{Pair{1, 0}, Pair{2, 2}, Pair{3, 3}, Pair{4, 1}};

std::optional<std::int64_t> toAten(std::span<const Pair> pairs, std::int64_t schema) {
    for (const Pair& pair : pairs) {
        if (pair.schema == schema) return pair.aten;
    }
    return std::nullopt;
}

std::optional<std::int64_t> toSchema(std::span<const Pair> pairs, std::int64_t aten) {
    for (const Pair& pair : pairs) {
        if (pair.aten == aten) return pair.schema;
    }
    return std::nullopt;
}

} // namespace

std::optional<DType> dtypeFromSchema(std::int64_t number) {
    for (const DTypeNumber& entry : dtypes) {
        if (entry.number == number) return entry.dtype;
    }
    return std::nullopt;
}

std::int64_t schemaNumber(DType dtype) {
    for (const DTypeNumber& entry : dtypes) {
        if (entry.dtype == dtype) return entry.number;
    }
    return 0;
}

std::optional<std::int64_t> atenScalarType(std::int64_t number) { return toAten(scalarTypes, number); }
std::optional<std::int64_t> atenMemoryFormat(std::int64_t number) { return toAten(memoryFormats, number); }
std::optional<std::int64_t> atenLayout(std::int64_t number) {
    return number == stridedLayout ? std::optional<std::int64_t>(0) : std::nullopt;
}
std::optional<std::int64_t> schemaScalarType(std::int64_t aten) { return toSchema(scalarTypes, aten); }
std::optional<std::int64_t> schemaMemoryFormat(std::int64_t aten) { return toSchema(memoryFormats, aten); }

} // namespace lathe::formats
