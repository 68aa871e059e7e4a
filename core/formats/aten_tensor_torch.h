#pragma once

#include <optional>

#include <ATen/core/Tensor.h>
#include <c10/core/ScalarType.h>

#include <core/tensor/tensor.h>

namespace lathe::formats {

/// Nothing for element types that we don't have (complex, quantized).
[[nodiscard]] std::optional<tensor::DType> dtypeOf(at::ScalarType type);
[[nodiscard]] at::ScalarType scalarTypeOf(tensor::DType dtype);

/// Shares the bytes of our tensor; read-only by convention.
[[nodiscard]] at::Tensor shareAsAten(const tensor::Tensor& tensor);

} // namespace lathe::formats
