#pragma once

#include <cstdint>
#include <optional>

#include <core/quantization/grid.h>
#include <core/tensor/tensor.h>

namespace lathe::formats {

/// All integers of an element type, with scale 1 and zero point 0. Int8, UInt8 or Int32.
[[nodiscard]] quantization::TensorGrid wholeGrid(tensor::DType dtype);
/// The same by the number that c10::ScalarType gives qint8, quint8 and qint32; nothing for others.
[[nodiscard]] std::optional<quantization::TensorGrid> gridOfScalarType(std::int64_t number);

/// Rounding and cutting off commute: a clamp in front of or behind the rounding only takes away from the range of the integers. Nothing
/// when zero would be taken away, which padding and integer kernels need.
[[nodiscard]] std::optional<quantization::TensorGrid> clamped(const quantization::TensorGrid& grid, double low, double high);

/// What PyTorch makes of a quantized tensor and a number: it moves the grid instead of the integers, as far as these allow. `amount` is the
/// number that is really added or multiplied with. Source: aten/src/ATen/native/quantized/cpu/qadd.cpp and qmul.cpp.
struct ScalarResult {
    quantization::TensorGrid grid;
    double amount = 0;
};
[[nodiscard]] ScalarResult plusScalar(const quantization::TensorGrid& grid, double number);
[[nodiscard]] ScalarResult timesScalar(const quantization::TensorGrid& grid, double number);

} // namespace lathe::formats
