#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <core/base/result.h>
#include <core/tensor/tensor.h>

namespace lathe::data {

/// Reads one array in NumPy's .npy format, versions 1 to 3 (numpy.lib.format, NEP 1). Element types: bool, int8/16/32/64, uint8,
/// float16/32/64 in either byte order; C or Fortran order (the result is always row-major). Takes the file's bytes and keeps them as the
/// tensor's storage. Errors are Rejected with what is wrong, without a subject ("is truncated"): not .npy, objects and other types (by
/// their NumPy name), shapes that overflow or claim more or fewer bytes than there are.
[[nodiscard]] base::Result<tensor::Tensor> parseNpy(std::vector<std::byte> bytes);

/// The array as version 1.0 bytes: what numpy.save writes. BFloat16, which NumPy does not have, is written as float32.
[[nodiscard]] std::string formatNpy(const tensor::Tensor& array);

} // namespace lathe::data
