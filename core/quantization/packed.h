#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace lathe::quantization {

/// Integers of 2 to 8 bits, one behind the other in a row of bits without gaps: integer i begins at bit i · bits, and bit 0 is the
/// lowest of the first byte. Signed ones are stored as their lowest bits (two's complement).

/// Bytes that `count` integers take.
[[nodiscard]] std::size_t packedSize(std::size_t count, int bits);
/// Each value has to fit into `bits` bits, signed or not.
[[nodiscard]] std::vector<std::uint8_t> pack(std::span<const std::int8_t> values, int bits);
/// `packed` holds packedSize(count, bits) bytes.
[[nodiscard]] std::vector<std::int8_t> unpack(std::span<const std::uint8_t> packed, std::size_t count, int bits, bool isSigned);

} // namespace lathe::quantization
