#include <algorithm>

#include <core/runtime/kernels/int8/int8_store_avx2.h>
#include <core/runtime/kernels/int8/int8_tile.h>

namespace lathe::runtime {

namespace {

using avx2::lanes;

/// As a vector of numbers: GCC keeps twelve __m256i in memory.
using Sums = std::int32_t __attribute__((vector_size(32)));

template<int Rows, int Blocks>
LATHE_AVX2 void sum(const WordTile& tile, __m256i* sums) {
    Sums total[Rows][Blocks];
    for (int row = 0; row < Rows; ++row) {
        for (int block = 0; block < Blocks; ++block)
            total[row][block] = Sums{};
    }
    const std::int16_t* weight = tile.weights;
    for (const std::int64_t segment : tile.segments) {
        const std::int16_t* input = tile.input + segment;
        for (std::int64_t step = 0; step < tile.steps; ++step, weight += 2 * lanes, input += 2) {
            __m256i packed[Blocks];
            for (int block = 0; block < Blocks; ++block)
                packed[block] = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(weight + block * tile.blockSize));
            for (int row = 0; row < Rows; ++row) {
                std::int32_t two;
                __builtin_memcpy(&two, input + row * tile.rowStride, sizeof(two));
                const __m256i inputs = _mm256_set1_epi32(two);
                for (int block = 0; block < Blocks; ++block)
                    total[row][block] += reinterpret_cast<Sums>(_mm256_madd_epi16(inputs, packed[block]));
            }
        }
    }
    for (int row = 0; row < Rows; ++row) {
        for (int block = 0; block < Blocks; ++block)
            sums[row * Blocks + block] = reinterpret_cast<__m256i>(total[row][block]);
    }
}

using Sum = void (*)(const WordTile&, __m256i*);
constexpr Sum oneBlock[tileRows(1)] = {sum<1, 1>, sum<2, 1>, sum<3, 1>, sum<4, 1>,  sum<5, 1>,  sum<6, 1>,
                                       sum<7, 1>, sum<8, 1>, sum<9, 1>, sum<10, 1>, sum<11, 1>, sum<12, 1>};
constexpr Sum twoBlocks[tileRows(2)] = {sum<1, 2>, sum<2, 2>, sum<3, 2>, sum<4, 2>, sum<5, 2>, sum<6, 2>};

} // namespace

LATHE_AVX2 void runTileAvx2(const WordTile& tile, const TileOutput& place, const Int8Output& output) {
    __m256i sums[tileSums];
    (tile.blocks == 1 ? oneBlock : twoBlocks)[tile.rows - 1](tile, sums);
    for (std::int64_t row = 0; row < tile.rows; ++row) {
        const float rowFactor = output.rowFactor ? output.rowFactor[place.row + row] : 1.0f;
        for (std::int64_t block = 0; block < tile.blocks; ++block) {
            const std::int64_t channel = place.channel + block * lanes;
            const std::int64_t count = std::min(lanes, place.lastChannel - channel);
            const std::int64_t at = (place.row + row) * place.rowStride + channel;
            const __m256 value = avx2::scaled(sums[row * tile.blocks + block], channel, count, at, rowFactor, output);
            if (count == lanes || place.mayOverrun)
                avx2::store(value, at, output);
            else
                avx2::storePart(value, count, at, output);
        }
    }
}

} // namespace lathe::runtime
