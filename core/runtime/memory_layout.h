#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace lathe::runtime {

/// Memory that is used in the moments `begin` to `end`, the last one not included.
struct MemoryUse {
    std::size_t bytes = 0, begin = 0, end = 0;
};

/// Where each of some uses lies in one block of memory. Uses that share a moment share no byte.
struct MemoryLayout {
    std::vector<std::size_t> offsets; ///< for each use, multiples of `memoryAlignment`
    std::size_t bytes = 0;            ///< of the block
    /// For each use those others that have to be over when it begins, since it gets memory of theirs. Each stands in one list at most: that
    /// of the first to get any of its memory.
    std::vector<std::vector<std::size_t>> before;
};

inline constexpr std::size_t memoryAlignment = 64;

/// The largest first, each in the smallest gap that holds it between those that are placed already and share a moment with it. Takes time
/// for the square of their number. Source: Pisarchyk and Lee, Efficient Memory Management for Deep Neural Net Inference (2020), "Greedy by
/// Size for Offset Calculation".
[[nodiscard]] MemoryLayout layOut(std::span<const MemoryUse> uses);

} // namespace lathe::runtime
