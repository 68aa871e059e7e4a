#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

namespace lathe::data {

/// Turns big-endian elements of `elementBytes` each into little-endian ones (or back) in place; Lathe runs on little-endian machines only.
inline void reverseElements(std::span<std::byte> bytes, std::size_t elementBytes) {
    if (elementBytes < 2) return;
    for (std::size_t at = 0; at + elementBytes <= bytes.size(); at += elementBytes) {
        std::reverse(bytes.begin() + static_cast<std::ptrdiff_t>(at), bytes.begin() + static_cast<std::ptrdiff_t>(at + elementBytes));
    }
}

} // namespace lathe::data
