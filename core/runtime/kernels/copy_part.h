#pragma once

#include <cstdint>
#include <cstring>

namespace lathe::runtime {

/// Copies 0 to 2 · Piece − 1 numbers, in pieces of fixed sizes: a copy of any size would be a call.
template<std::int64_t Piece, class Number>
__attribute__((always_inline)) inline void copyPart(const Number* from, std::int64_t count, Number* to) {
    if ((count & Piece) != 0) {
        std::memcpy(to, from, Piece * sizeof(Number));
        from += Piece;
        to += Piece;
    }
    if constexpr (Piece > 1) copyPart<Piece / 2>(from, count, to);
}

} // namespace lathe::runtime
