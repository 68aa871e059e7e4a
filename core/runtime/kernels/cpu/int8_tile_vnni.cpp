#include <algorithm>

#include <core/runtime/kernels/cpu/int8_tile.h>

#include <immintrin.h>

#define LATHE_VNNI __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni,fma")))

namespace lathe::runtime {

namespace {

constexpr std::int64_t lanes = 16;

template<int Rows, int Blocks>
LATHE_VNNI void sum(const ByteTile& tile, __m512i* sums) {
    __m512i total[Rows][Blocks];
    for (int row = 0; row < Rows; ++row) {
        for (int block = 0; block < Blocks; ++block)
            total[row][block] = _mm512_setzero_si512();
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
            sums[row * tileBlocks + block] = total[row][block];
    }
}

using Sum = void (*)(const ByteTile&, __m512i*);
constexpr Sum sumOf[tileRows][tileBlocks] = {
    {sum<1, 1>, sum<1, 2>}, {sum<2, 1>, sum<2, 2>}, {sum<3, 1>, sum<3, 2>}, {sum<4, 1>, sum<4, 2>}};

/// Sixteen floats as bytes; they are within the bounds of a byte already.
LATHE_VNNI inline __m128i asBytes(__m512 value, std::int32_t zeroPoint) {
    const __m512i rounded = _mm512_add_epi32(_mm512_cvtps_epi32(value), _mm512_set1_epi32(zeroPoint));
    return _mm512_cvtepi32_epi8(rounded);
}

} // namespace

LATHE_VNNI void runTileVnni(const ByteTile& tile, const TileOutput& place, std::span<const std::int32_t> channelSums,
                            Int8InputZeroPoint zeroPoint, const Int8Output& output) {
    __m512i sums[tileRows * tileBlocks];
    sumOf[tile.rows - 1][tile.blocks - 1](tile, sums);
    for (std::int64_t block = 0; block < tile.blocks; ++block) {
        const std::int64_t channel = place.channel + block * lanes;
        const std::int64_t count = std::min(lanes, place.lastChannel - channel);
        const bool isWhole = count == lanes || place.mayOverrun;
        const auto mask = static_cast<__mmask16>((1u << count) - 1);
        // Σ (a − z)·w = Σ a·w − z·Σ w
        const __m512i weightSums = _mm512_loadu_si512(channelSums.data() + channel);
        const __m512 factors = _mm512_loadu_ps(output.factor.data() + channel);
        const __m512 offsets = _mm512_loadu_ps(output.offset.data() + channel);
        for (std::int64_t row = 0; row < tile.rows; ++row) {
            const std::int32_t shift = zeroPoint.perRow ? zeroPoint.perRow[place.row + row] : zeroPoint.value;
            const __m512i centred =
                _mm512_sub_epi32(sums[row * tileBlocks + block], _mm512_mullo_epi32(_mm512_set1_epi32(shift), weightSums));
            const __m512 factor = output.rowFactor ? _mm512_mul_ps(factors, _mm512_set1_ps(output.rowFactor[place.row + row])) : factors;
            const __m512 exact = _mm512_fmadd_ps(_mm512_cvtepi32_ps(centred), factor, offsets);
            const __m512 value = _mm512_min_ps(_mm512_max_ps(exact, _mm512_set1_ps(output.low)), _mm512_set1_ps(output.high));
            const std::int64_t at = (place.row + row) * place.rowStride + channel;
            if (output.floats && isWhole)
                _mm512_storeu_ps(output.floats + at, value);
            else if (output.floats)
                _mm512_mask_storeu_ps(output.floats + at, mask, value);
            else if (isWhole)
                _mm_storeu_si128(reinterpret_cast<__m128i*>(output.bytes + at), asBytes(value, output.zeroPoint));
            else
                _mm_mask_storeu_epi8(output.bytes + at, mask, asBytes(value, output.zeroPoint));
        }
    }
}

} // namespace lathe::runtime
