#pragma once

#include <filesystem>

#include <core/base/result.h>
#include <core/tensor/tensor.h>

namespace lathe::data {

/// Reads one IDX file, plain or gzip (told by its content, not by its name): two zero bytes, the element type, the number of dimensions,
/// each dimension as a big-endian 32-bit number, then the elements (https://yann.lecun.com/exdb/mnist, "the IDX file format"). All six
/// element types are read: uint8, int8, int16, int32, float32 and float64. The size that the header claims is compared with the size of the
/// file before memory is taken. Errors: NotFound; Rejected with the file and what is wrong: not IDX, unknown type, size overflow,
/// truncated, bytes after the end, damaged gzip.
[[nodiscard]] base::Result<tensor::Tensor> readIdx(const std::filesystem::path& file);

} // namespace lathe::data
