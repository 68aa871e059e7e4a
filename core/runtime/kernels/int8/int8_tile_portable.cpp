#include <algorithm>
#include <array>

#include <core/runtime/kernels/int8/int8_store_portable.h>
#include <core/runtime/kernels/int8/int8_tile.h>

namespace lathe::runtime {

namespace {

constexpr std::int64_t lanes = 8;
using Sums = std::array<std::int32_t, tileSums * lanes>;

Sums sum(const WordTile& tile) {
    Sums sums{};
    for (std::int64_t row = 0; row < tile.rows; ++row) {
        for (std::int64_t block = 0; block < tile.blocks; ++block) {
            const std::int16_t* weight = tile.weights + block * tile.blockSize;
            std::int32_t* const sumsOfBlock = sums.data() + (row * tile.blocks + block) * lanes;
            for (const std::int64_t segment : tile.segments) {
                const std::int16_t* input = tile.input + row * tile.rowStride + segment;
                for (std::int64_t step = 0; step < tile.steps; ++step, weight += 2 * lanes, input += 2) {
                    for (std::int64_t lane = 0; lane < lanes; ++lane)
                        sumsOfBlock[lane] += input[0] * weight[2 * lane] + input[1] * weight[2 * lane + 1];
                }
            }
        }
    }
    return sums;
}

} // namespace

void runTilePortable(const WordTile& tile, const TileOutput& place, const Int8Output& output) {
    const Sums sums = sum(tile);
    const std::int64_t channels = std::min(tile.blocks * lanes, place.lastChannel - place.channel);
    for (std::int64_t row = 0; row < tile.rows; ++row) {
        const float rowFactor = output.rowFactor ? output.rowFactor[place.row + row] : 1.0f;
        for (std::int64_t index = 0; index < channels; ++index) {
            const std::int64_t at = (place.row + row) * place.rowStride + place.channel + index;
            const std::int32_t total = sums[static_cast<std::size_t>(row * tile.blocks * lanes + index)];
            portable::store(portable::scaled(total, place.channel + index, at, rowFactor, output), at, output);
        }
    }
}

} // namespace lathe::runtime
