#pragma once

#include <cstdint>
#include <span>

#include <core/runtime/kernels/int8/int8_kernel.h>

namespace lathe::runtime {

/// Pixels and blocks of channels that are summed at once: six pixels of two blocks, or twelve of one. Their sums stay in registers, and are
/// enough to hide how long a product takes.
inline constexpr std::int64_t tileBlocks = 2;
inline constexpr std::int64_t tileSums = 12;
constexpr std::int64_t tileRows(std::int64_t blocks) { return tileSums / blocks; }
/// Of `rows` in as few tiles as there can be, all about as high: seven rows are four and three rather than six and one. At least 1.
constexpr std::int64_t evenTileRows(std::int64_t rows, std::int64_t blocks) {
    const std::int64_t tiles = rows > 0 ? (rows + tileRows(blocks) - 1) / tileRows(blocks) : 1;
    return rows > 0 ? (rows + tiles - 1) / tiles : 1;
}

/// What a tile is computed from: at most tileBlocks blocks and tileRows(blocks) rows.
template<class Input, class Weight>
struct Tile {
    const Input* input;     ///< of the first row
    std::int64_t rowStride; ///< elements from row to row
    const Weight* weights;  ///< of the first block
    std::int64_t blockSize; ///< the second block follows after as many
    std::span<const std::int64_t> segments;
    std::int64_t steps;
    std::int64_t rows, blocks;
};
using WordTile = Tile<std::int16_t, std::int16_t>;
using ByteTile = Tile<std::uint8_t, std::int8_t>;

/// Where the sums of a tile go.
struct TileOutput {
    std::int64_t channel;     ///< of the first sum
    std::int64_t lastChannel; ///< exclusive
    std::int64_t row;         ///< of the call
    std::int64_t rowStride;   ///< elements of the output from row to row
    /// May channels behind the last one of a row be written? They belong to rows that are written afterwards.
    bool mayOverrun;
};

void runTilePortable(const WordTile& tile, const TileOutput& place, const Int8Output& output);
void runTileAvx2(const WordTile& tile, const TileOutput& place, const Int8Output& output);
/// `channelSums` as Int8Weights has them.
void runTileVnni(const ByteTile& tile, const TileOutput& place, std::span<const std::int32_t> channelSums, Int8InputZeroPoint zeroPoint,
                 const Int8Output& output);
/// All rows of whole blocks of sixteen channels, which become bytes in the simplest way: the same bytes sooner. `all`: of any number of
/// rows; `largestSum`: of the magnitudes. False: runTileVnni is to do it.
[[nodiscard]] bool runWholeBlocksVnni(const ByteTile& all, const TileOutput& place, std::span<const std::int32_t> channelSums,
                                      Int8InputZeroPoint zeroPoint, std::int64_t largestSum, const Int8Output& output);

} // namespace lathe::runtime
