#include <algorithm>

#include <core/runtime/kernels/int8/int8_store_vnni.h>
#include <core/runtime/kernels/int8/int8_tile.h>

namespace lathe::runtime {

namespace {

constexpr std::int64_t lanes = 16;

/// Σ (a − z)·w = Σ a·w − z·Σ w: adds to sums that start as the second part.
template<int Rows, int Blocks>
LATHE_VNNI_INLINE void addProducts(const ByteTile& tile, __m512i (&total)[Rows][Blocks]) {
    const std::int8_t* weight = tile.weights;
    for (const std::int64_t segment : tile.segments) {
        const std::uint8_t* input = tile.input + segment;
        for (std::int64_t step = 0; step < tile.steps; ++step, weight += 4 * lanes, input += 4) {
            __m512i packed[Blocks];
#pragma GCC unroll 2
            for (int block = 0; block < Blocks; ++block)
                packed[block] = _mm512_loadu_si512(weight + block * tile.blockSize);
#pragma GCC unroll 12 // else GCC 12 puts the sums into memory behind each segment
            for (int row = 0; row < Rows; ++row) {
                std::int32_t four;
                __builtin_memcpy(&four, input + row * tile.rowStride, sizeof(four));
                const __m512i inputs = _mm512_set1_epi32(four);
#pragma GCC unroll 2
                for (int block = 0; block < Blocks; ++block)
                    total[row][block] = _mm512_dpbusd_epi32(total[row][block], inputs, packed[block]);
            }
        }
    }
}

template<int Rows, int Blocks>
LATHE_VNNI void sum(const ByteTile& tile, __m512i* sums) {
    __m512i total[Rows][Blocks];
    for (int row = 0; row < Rows; ++row) {
        for (int block = 0; block < Blocks; ++block)
            total[row][block] = sums[row * Blocks + block];
    }
    addProducts(tile, total);
    for (int row = 0; row < Rows; ++row) {
        for (int block = 0; block < Blocks; ++block)
            sums[row * Blocks + block] = total[row][block];
    }
}

using Sum = void (*)(const ByteTile&, __m512i*);
constexpr Sum oneBlock[tileRows(1)] = {sum<1, 1>, sum<2, 1>, sum<3, 1>, sum<4, 1>,  sum<5, 1>,  sum<6, 1>,
                                       sum<7, 1>, sum<8, 1>, sum<9, 1>, sum<10, 1>, sum<11, 1>, sum<12, 1>};
constexpr Sum twoBlocks[tileRows(2)] = {sum<1, 2>, sum<2, 2>, sum<3, 2>, sum<4, 2>, sum<5, 2>, sum<6, 2>};

/// The sixteen dwords of four vectors' bytes, packed two and two: those of each vector side by side.
alignas(64) constexpr std::int32_t byVector[lanes] = {0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15};

/// What becomes of sums of whole blocks: bytes, with one factor for each channel and bytes added or nothing. Vectors are rounded and
/// packed by fours, and what was read stays in registers.
struct WholeBlocks {
    LATHE_VNNI WholeBlocks(const Int8Output& output, std::int64_t channel, std::int64_t blocks, std::span<const std::int32_t> channelSums,
                           std::int32_t inputZeroPoint)
        : pack(output), residual(output.residual), bytes(output.bytes) {
        for (std::int64_t block = 0; block < blocks; ++block) {
            const std::int64_t first = channel + block * lanes;
            factor[block] = _mm512_loadu_ps(output.factor.data() + first);
            offset[block] = _mm512_loadu_ps(output.offset.data() + first);
            start[block] = _mm512_mullo_epi32(_mm512_set1_epi32(-inputZeroPoint), _mm512_loadu_si512(channelSums.data() + first));
        }
    }

    LATHE_VNNI_INLINE __m512i rounded(__m512i sums, std::int64_t block, std::int64_t at) const {
        __m512 value = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sums), factor[block], offset[block]);
        if (residual.bytes != nullptr) {
            const __m512i added = _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(residual.bytes + at)));
            const __m512i centred = _mm512_sub_epi32(added, _mm512_set1_epi32(residual.zeroPoint));
            value = _mm512_fmadd_ps(_mm512_cvtepi32_ps(centred), _mm512_set1_ps(residual.factor), value);
        }
        return _mm512_cvtps_epi32(value);
    }
    /// The bytes of four vectors, one behind the other.
    LATHE_VNNI_INLINE __m512i packed(__m512i first, __m512i second, __m512i third, __m512i fourth) const {
        return _mm512_permutexvar_epi32(_mm512_load_si512(byVector), pack.bytes(first, second, third, fourth));
    }

    __m512 factor[tileBlocks], offset[tileBlocks];
    __m512i start[tileBlocks];
    PackVnni pack;
    Int8Residual residual; ///< bytes, or nothing
    std::uint8_t* bytes;
};

/// `at`: the element of the first row and channel.
template<int Rows, int Blocks>
LATHE_VNNI void runWhole(const ByteTile& tile, const WholeBlocks& output, std::int64_t at, std::int64_t rowStride) {
    __m512i total[Rows][Blocks];
#pragma GCC unroll 12
    for (int row = 0; row < Rows; ++row) {
#pragma GCC unroll 2
        for (int block = 0; block < Blocks; ++block)
            total[row][block] = output.start[block];
    }
    addProducts(tile, total);
    constexpr int rowsAtOnce = 4 / Blocks;
#pragma GCC unroll 12
    for (int row = 0; row < Rows; row += rowsAtOnce) {
        // Where there are fewer rows, the last one stands for those that are not there.
        __m512i rounded[4];
#pragma GCC unroll 4
        for (int index = 0; index < 4; ++index) {
            const int of = std::min(row + index / Blocks, Rows - 1), block = index % Blocks;
            rounded[index] = output.rounded(total[of][block], block, at + of * rowStride + block * lanes);
        }
        const __m512i bytes = output.packed(rounded[0], rounded[1], rounded[2], rounded[3]);
        std::uint8_t* const to = output.bytes + at + row * rowStride;
        if constexpr (Blocks == 2) {
            _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), _mm512_castsi512_si256(bytes));
            if (row + 1 < Rows) _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + rowStride), _mm512_extracti64x4_epi64(bytes, 1));
        } else {
            _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm512_castsi512_si128(bytes));
            if (row + 1 < Rows) _mm_storeu_si128(reinterpret_cast<__m128i*>(to + rowStride), _mm512_extracti32x4_epi32(bytes, 1));
            if (row + 2 < Rows) _mm_storeu_si128(reinterpret_cast<__m128i*>(to + 2 * rowStride), _mm512_extracti32x4_epi32(bytes, 2));
            if (row + 3 < Rows) _mm_storeu_si128(reinterpret_cast<__m128i*>(to + 3 * rowStride), _mm512_extracti32x4_epi32(bytes, 3));
        }
    }
}

using RunWhole = void (*)(const ByteTile&, const WholeBlocks&, std::int64_t, std::int64_t);
constexpr RunWhole wholeBlock[tileRows(1)] = {runWhole<1, 1>, runWhole<2, 1>,  runWhole<3, 1>,  runWhole<4, 1>,
                                              runWhole<5, 1>, runWhole<6, 1>,  runWhole<7, 1>,  runWhole<8, 1>,
                                              runWhole<9, 1>, runWhole<10, 1>, runWhole<11, 1>, runWhole<12, 1>};
constexpr RunWhole wholeBlocks[tileRows(2)] = {runWhole<1, 2>, runWhole<2, 2>, runWhole<3, 2>,
                                               runWhole<4, 2>, runWhole<5, 2>, runWhole<6, 2>};

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

bool runWholeBlocksVnni(const ByteTile& all, const TileOutput& place, std::span<const std::int32_t> channelSums,
                        Int8InputZeroPoint zeroPoint, std::int64_t largestSum, const Int8Output& output) {
    const std::int64_t channels = all.blocks * lanes;
    const bool isPlain = output.bytes != nullptr && !output.rowFactor && !output.residual.floats && !zeroPoint.perRow;
    if (!isPlain || place.channel + channels > place.lastChannel) return false;
    if (!avx2::ByteLimits::suit(output, place.channel, channels, largestSum)) return false;
    const WholeBlocks whole(output, place.channel, all.blocks, channelSums, zeroPoint.value);
    const std::int64_t rowsAtOnce = evenTileRows(all.rows, all.blocks);
    ByteTile tile = all;
    for (std::int64_t row = 0; row < all.rows; row += rowsAtOnce) {
        tile.rows = std::min(rowsAtOnce, all.rows - row);
        tile.input = all.input + row * all.rowStride;
        (all.blocks == 1 ? wholeBlock : wholeBlocks)[tile.rows - 1](tile, whole, (place.row + row) * place.rowStride + place.channel,
                                                                    place.rowStride);
    }
    return true;
}

} // namespace lathe::runtime
