#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace lathe::formats {

/// Where the bytes of each entry of a zip begin in the file, in the order of its central directory (which is also libzip's); nothing when
/// the directory cannot be followed. libzip does not tell. Every offset lies inside the file. Source: PKWARE APPNOTE 6.3.10,
/// sections 4.3.7, 4.3.12 to 4.3.16, 4.5.3 (zip64).
[[nodiscard]] std::optional<std::vector<std::uint64_t>> entryOffsets(std::span<const std::byte> file);

} // namespace lathe::formats
