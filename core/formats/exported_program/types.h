#pragma once

#include <cstdint>
#include <optional>

#include <core/tensor/tensor.h>

namespace lathe::formats {

/// Numbers that torch.export writes for element types, memory formats and layouts: enums of their own, not those of ATen. Source:
/// torch/_export/serde/schema.py of PyTorch 2.11 (schema 8.17).

/// Nothing for element types that we don't have (complex, float8, uint16) and for numbers that mean none.
[[nodiscard]] std::optional<tensor::DType> dtypeFromSchema(std::int64_t number);
[[nodiscard]] std::int64_t schemaNumber(tensor::DType dtype);

/// The number that ATen has for the same thing, as operators take it; nothing when there is none.
[[nodiscard]] std::optional<std::int64_t> atenScalarType(std::int64_t number);
[[nodiscard]] std::optional<std::int64_t> atenMemoryFormat(std::int64_t number);
[[nodiscard]] std::optional<std::int64_t> atenLayout(std::int64_t number);
/// The other way round.
[[nodiscard]] std::optional<std::int64_t> schemaScalarType(std::int64_t aten);
[[nodiscard]] std::optional<std::int64_t> schemaMemoryFormat(std::int64_t aten);

inline constexpr std::int64_t stridedLayout = 7; ///< in the schema

} // namespace lathe::formats
