#pragma once

#include <cstdint>

#include <core/runtime/kernels/int8/int8_kernel.h>

namespace lathe::runtime {

/// The sums of `rows` rows of `count` bytes each, which lie behind one another: sums[i] of the bytes at i.
void sumRows(const std::uint8_t* bytes, std::int64_t rows, std::int64_t count, std::int32_t* sums,
             Int8Instructions instructions = int8Instructions());

} // namespace lathe::runtime
