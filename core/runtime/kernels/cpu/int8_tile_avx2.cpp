#include <algorithm>
#include <array>

#include <core/runtime/kernels/cpu/int8_tile.h>

#include <immintrin.h>

#define LATHE_AVX2 __attribute__((target("avx2,fma")))

namespace lathe::runtime {

namespace {

constexpr std::int64_t lanes = 8;

template<int Rows, int Blocks>
LATHE_AVX2 void sum(const WordTile& tile, __m256i* sums) {
    __m256i total[Rows][Blocks];
    for (int row = 0; row < Rows; ++row) {
        for (int block = 0; block < Blocks; ++block)
            total[row][block] = _mm256_setzero_si256();
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
                    total[row][block] = _mm256_add_epi32(total[row][block], _mm256_madd_epi16(inputs, packed[block]));
            }
        }
    }
    for (int row = 0; row < Rows; ++row) {
        for (int block = 0; block < Blocks; ++block)
            sums[row * tileBlocks + block] = total[row][block];
    }
}

using Sum = void (*)(const WordTile&, __m256i*);
constexpr Sum sumOf[tileRows][tileBlocks] = {
    {sum<1, 1>, sum<1, 2>}, {sum<2, 1>, sum<2, 2>}, {sum<3, 1>, sum<3, 2>}, {sum<4, 1>, sum<4, 2>}};

/// Eight sums of channels from `channel` on as limited floats.
LATHE_AVX2 inline __m256 scaled(__m256i sums, std::int64_t channel, float rowFactor, const Int8Output& output) {
    const __m256 factor = _mm256_mul_ps(_mm256_loadu_ps(output.factor.data() + channel), _mm256_set1_ps(rowFactor));
    const __m256 offset = _mm256_loadu_ps(output.offset.data() + channel);
    const __m256 value = _mm256_fmadd_ps(_mm256_cvtepi32_ps(sums), factor, offset);
    return _mm256_min_ps(_mm256_max_ps(value, _mm256_set1_ps(output.low)), _mm256_set1_ps(output.high));
}

/// Eight floats as bytes, in the low half.
LATHE_AVX2 inline __m128i asBytes(__m256 value, std::int32_t zeroPoint) {
    const __m256i rounded = _mm256_add_epi32(_mm256_cvtps_epi32(value), _mm256_set1_epi32(zeroPoint));
    const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(rounded), _mm256_extracti128_si256(rounded, 1));
    return _mm_packus_epi16(words, words);
}

LATHE_AVX2 inline void store(__m256 value, std::int64_t at, const Int8Output& output) {
    if (output.floats)
        _mm256_storeu_ps(output.floats + at, value);
    else
        _mm_storel_epi64(reinterpret_cast<__m128i*>(output.bytes + at), asBytes(value, output.zeroPoint));
}

/// Only the first `count`: writing all would run into the next pixel, which another thread may already have written.
LATHE_AVX2 void storePart(__m256 value, std::int64_t count, std::int64_t at, const Int8Output& output) {
    if (output.floats) {
        alignas(32) std::array<float, 8> eight;
        _mm256_store_ps(eight.data(), value);
        std::copy_n(eight.data(), count, output.floats + at);
    } else {
        alignas(16) std::array<std::uint8_t, 16> eight;
        _mm_store_si128(reinterpret_cast<__m128i*>(eight.data()), asBytes(value, output.zeroPoint));
        std::copy_n(eight.data(), count, output.bytes + at);
    }
}

} // namespace

LATHE_AVX2 void runTileAvx2(const WordTile& tile, const TileOutput& place, const Int8Output& output) {
    __m256i sums[tileRows * tileBlocks];
    sumOf[tile.rows - 1][tile.blocks - 1](tile, sums);
    for (std::int64_t row = 0; row < tile.rows; ++row) {
        const float rowFactor = output.rowFactor ? output.rowFactor[place.row + row] : 1.0f;
        for (std::int64_t block = 0; block < tile.blocks; ++block) {
            const std::int64_t channel = place.channel + block * lanes;
            const std::int64_t count = std::min(lanes, place.lastChannel - channel);
            const std::int64_t at = (place.row + row) * place.rowStride + channel;
            const __m256 value = scaled(sums[row * tileBlocks + block], channel, rowFactor, output);
            if (count == lanes || place.mayOverrun)
                store(value, at, output);
            else
                storePart(value, count, at, output);
        }
    }
}

} // namespace lathe::runtime
