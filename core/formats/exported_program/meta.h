#pragma once

#include <vector>

#include <core/base/json.h>
#include <core/formats/exported_program/symbolic_size.h>
#include <core/tensor/tensor.h>

namespace lathe::formats {

/// The schema's SymInt.
[[nodiscard]] base::Json sizeJson(const SymbolicSize& size);

/// The schema's TensorMeta of a contiguous tensor on the CPU.
[[nodiscard]] base::Json tensorMeta(tensor::DType dtype, const std::vector<SymbolicSize>& sizes, bool requiresGradient);
[[nodiscard]] base::Json tensorMeta(tensor::DType dtype, const tensor::Shape& shape, bool requiresGradient);

} // namespace lathe::formats
