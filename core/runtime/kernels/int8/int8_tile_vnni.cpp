#include <algorithm>

#include <core/runtime/kernels/int8/int8_store_vnni.h>
#include <core/runtime/kernels/int8/int8_tile.h>

namespace lathe::runtime {

namespace {

constexpr std::int64_t lanes = 16;

/// Σ (a − z)·w = Σ a·w − z·Σ w: adds to the sums in `sums`, which start as the second part.
template<int Rows, int Blocks>
LATHE_VNNI void sum(const ByteTile& tile, __m512i* sums) {
    __m512i total[Rows][Blocks];
    for (int row = 0; row < Rows; ++row) {
        for (int block = 0; block < Blocks; ++block)
            total[row][block] = sums[row * Blocks + block];
    }
    const std::int8_t* weight = tile.weights;
    for (const std::int64_t segment : tile.segments) {
        const std::uint8_t* input = tile.input + segment;
        for (std::int64_t step = 0; step < tile.steps; ++step, weight += 4 * lanes, input += 4) {
            __m512i packed[Blocks];
            for (int block = 0; block < Blocks; ++block)
                packed[block] = _mm512_loadu_si512(weight + block * tile.blockSize);
            for (int row = 0; row < Rows; ++row) {
                std::int32_t four;
                __builtin_memcpy(&four, input + row * tile.rowStride, sizeof(four));
                const __m512i inputs = _mm512_set1_epi32(four);
                for (int block = 0; block < Blocks; ++block)
                    total[row][block] = _mm512_dpbusd_epi32(total[row][block], inputs, packed[block]);
            }
        }
    }
    for (int row = 0; row < Rows; ++row) {
        for (int block = 0; block < Blocks; ++block)
            sums[row * Blocks + block] = total[row][block];
    }
}

using Sum = void (*)(const ByteTile&, __m512i*);
constexpr Sum oneBlock[tileRows(1)] = {sum<1, 1>, sum<2, 1>, sum<3, 1>, sum<4, 1>,  sum<5, 1>,  sum<6, 1>,
                                       sum<7, 1>, sum<8, 1>, sum<9, 1>, sum<10, 1>, sum<11, 1>, sum<12, 1>};
constexpr Sum twoBlocks[tileRows(2)] = {sum<1, 2>, sum<2, 2>, sum<3, 2>, sum<4, 2>, sum<5, 2>, sum<6, 2>};

} // namespace

LATHE_VNNI void runTileVnni(const ByteTile& tile, const TileOutput& place, std::span<const std::int32_t> channelSums,
                            Int8InputZeroPoint zeroPoint, const Int8Output& output) {
    __m512i sums[tileSums];
    __m512 factors[tileBlocks], offsets[tileBlocks];
    std::int64_t counts[tileBlocks] = {};
    for (std::int64_t block = 0; block < tile.blocks; ++block) {
        const std::int64_t channel = place.channel + block * lanes;
        factors[block] = _mm512_loadu_ps(output.factor.data() + channel);
        offsets[block] = _mm512_loadu_ps(output.offset.data() + channel);
        counts[block] = std::min(lanes, place.lastChannel - channel);
        const __m512i weightSums = _mm512_loadu_si512(channelSums.data() + channel);
        const __m512i same = _mm512_mullo_epi32(_mm512_set1_epi32(-zeroPoint.value), weightSums);
        for (std::int64_t row = 0; row < tile.rows; ++row) {
            sums[row * tile.blocks + block] =
                zeroPoint.perRow ? _mm512_mullo_epi32(_mm512_set1_epi32(-zeroPoint.perRow[place.row + row]), weightSums) : same;
        }
    }
    (tile.blocks == 1 ? oneBlock : twoBlocks)[tile.rows - 1](tile, sums);

    const StoreVnni store(output);
    const bool mayOverrun = place.mayOverrun;
    const float* const rowFactor = output.rowFactor ? output.rowFactor + place.row : nullptr;
    const std::int64_t rows = tile.rows, blocks = tile.blocks, rowStride = place.rowStride;
    std::int64_t at = place.row * rowStride + place.channel;
    // Row by row, as an overrun wants it.
    const __m512i* sum = sums;
    for (std::int64_t row = 0; row < rows; ++row, at += rowStride) {
        for (std::int64_t block = 0; block < blocks; ++block, ++sum) {
            const __m512 factor = rowFactor ? _mm512_mul_ps(factors[block], _mm512_set1_ps(rowFactor[row])) : factors[block];
            store.put(*sum, factor, offsets[block], at + block * lanes, counts[block], mayOverrun);
        }
    }
}

} // namespace lathe::runtime
