#pragma once

#include <cstddef>

namespace lathe::formats {

/// Deflating an entry of an archive that is shorter than this only adds bytes.
constexpr std::size_t shortestDeflated = 64;

/// Whether we deflate a weight of so many bytes. Long ones lie in the file as they lie in memory, aligned, so that they can be mapped.
/// Short ones gain nothing by that; deflated, the integers of a small model take a tenth less room and zero points next to none.
[[nodiscard]] constexpr bool isWeightDeflated(std::size_t bytes) {
    constexpr std::size_t worthMapping = std::size_t{64} * 1024;
    return bytes >= shortestDeflated && bytes < worthMapping;
}

} // namespace lathe::formats
