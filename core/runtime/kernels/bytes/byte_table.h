#pragma once

#include <array>
#include <cstdint>

namespace lathe::runtime {

/// What becomes of each byte.
using ByteTable = std::array<std::uint8_t, 256>;

/// Which instructions tables are looked up with. All give the same bytes.
enum class TableInstructions {
    Portable,
    Avx2,       ///< vpshufb: sixteen entries at once
    Avx512Vbmi, ///< vpermi2b: 128 entries at once
};
/// The best that this CPU has.
[[nodiscard]] TableInstructions tableInstructions();

/// `to` may be `from`.
void lookUp(const ByteTable& table, const std::uint8_t* from, std::int64_t count, std::uint8_t* to,
            TableInstructions instructions = tableInstructions());

} // namespace lathe::runtime
