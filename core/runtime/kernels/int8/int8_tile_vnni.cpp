#include <algorithm>

#include <core/runtime/kernels/int8/int8_tile.h>

#include <immintrin.h>

#define LATHE_VNNI __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni,fma")))

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
constexpr Sum oneBlock[tileRows(1)] = {sum<1, 1>, sum<2, 1>, sum<3, 1>, sum<4, 1>, sum<5, 1>, sum<6, 1>, sum<7, 1>, sum<8, 1>};
constexpr Sum twoBlocks[tileRows(2)] = {sum<1, 2>, sum<2, 2>, sum<3, 2>, sum<4, 2>};

/// Sixteen residual numbers from element `at` on, as far as the mask says.
LATHE_VNNI inline __m512 residualOf(const Int8Residual& residual, std::int64_t at, __mmask16 mask) {
    if (residual.floats) return _mm512_maskz_loadu_ps(mask, residual.floats + at);
    const __m512i bytes = _mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(mask, residual.bytes + at));
    return _mm512_cvtepi32_ps(_mm512_sub_epi32(bytes, _mm512_set1_epi32(residual.zeroPoint)));
}

/// The first `count` of sixteen bytes. Stores with a mask are slow on Zen 4.
LATHE_VNNI inline void storePart(__m128i bytes, std::int64_t count, std::uint8_t* out) {
    if (count & 8) {
        _mm_storel_epi64(reinterpret_cast<__m128i*>(out), bytes);
        bytes = _mm_srli_si128(bytes, 8);
        out += 8;
    }
    auto eight = static_cast<std::uint64_t>(_mm_cvtsi128_si64(bytes));
    for (std::int64_t width = 4; width > 0; width /= 2) {
        if (!(count & width)) continue;
        __builtin_memcpy(out, &eight, static_cast<std::size_t>(width));
        eight >>= 8 * width;
        out += width;
    }
}

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

    // All that is read from memory is read before the first byte is written, which could be any of it as far as the compiler knows.
    const __m512 low = _mm512_set1_ps(output.low), high = _mm512_set1_ps(output.high);
    const __m512i outputZeroPoint = _mm512_set1_epi32(output.zeroPoint);
    const Int8Residual residual = output.residual;
    const bool hasResidual = residual.bytes || residual.floats, mayOverrun = place.mayOverrun;
    const float* const rowFactor = output.rowFactor ? output.rowFactor + place.row : nullptr;
    const std::int64_t rows = tile.rows, blocks = tile.blocks, rowStride = place.rowStride;
    std::int64_t at = place.row * rowStride + place.channel;
    float* const floats = output.floats;
    std::uint8_t* const bytes = output.bytes;
    // Row by row, as an overrun wants it.
    const __m512i* sum = sums;
    for (std::int64_t row = 0; row < rows; ++row, at += rowStride) {
        for (std::int64_t block = 0; block < blocks; ++block, ++sum) {
            const std::int64_t count = counts[block], element = at + block * lanes;
            const auto mask = static_cast<__mmask16>((1u << count) - 1);
            const __m512 factor = rowFactor ? _mm512_mul_ps(factors[block], _mm512_set1_ps(rowFactor[row])) : factors[block];
            __m512 value = _mm512_fmadd_ps(_mm512_cvtepi32_ps(*sum), factor, offsets[block]);
            if (hasResidual) value = _mm512_fmadd_ps(residualOf(residual, element, mask), _mm512_set1_ps(residual.factor), value);
            value = _mm512_min_ps(_mm512_max_ps(value, low), high);
            if (floats) {
                _mm512_mask_storeu_ps(floats + element, mask, value);
                continue;
            }
            const __m128i rounded = _mm512_cvtepi32_epi8(_mm512_add_epi32(_mm512_cvtps_epi32(value), outputZeroPoint));
            if (count == lanes || mayOverrun)
                _mm_storeu_si128(reinterpret_cast<__m128i*>(bytes + element), rounded);
            else
                storePart(rounded, count, bytes + element);
        }
    }
}

} // namespace lathe::runtime
