#include <algorithm>

#include <core/runtime/kernels/cpu/int8_tile.h>

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
            total[row][block] = sums[row * tileBlocks + block];
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
    __m512i sums[tileRows * tileBlocks];
    for (std::int64_t block = 0; block < tile.blocks; ++block) {
        const __m512i weightSums = _mm512_loadu_si512(channelSums.data() + place.channel + block * lanes);
        const __m512i same = _mm512_mullo_epi32(_mm512_set1_epi32(-zeroPoint.value), weightSums);
        for (std::int64_t row = 0; row < tile.rows; ++row) {
            sums[row * tileBlocks + block] =
                zeroPoint.perRow ? _mm512_mullo_epi32(_mm512_set1_epi32(-zeroPoint.perRow[place.row + row]), weightSums) : same;
        }
    }
    sumOf[tile.rows - 1][tile.blocks - 1](tile, sums);
    // Row by row, as an overrun wants it.
    for (std::int64_t row = 0; row < tile.rows; ++row) {
        const float rowFactor = output.rowFactor ? output.rowFactor[place.row + row] : 1.0f;
        for (std::int64_t block = 0; block < tile.blocks; ++block) {
            const std::int64_t channel = place.channel + block * lanes;
            const std::int64_t count = std::min(lanes, place.lastChannel - channel);
            const std::int64_t at = (place.row + row) * place.rowStride + channel;
            const bool isWhole = count == lanes || place.mayOverrun;
            const auto mask = static_cast<__mmask16>((1u << count) - 1);
            const __m512 factor = _mm512_mul_ps(_mm512_loadu_ps(output.factor.data() + channel), _mm512_set1_ps(rowFactor));
            const __m512 offset = _mm512_loadu_ps(output.offset.data() + channel);
            __m512 exact = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sums[row * tileBlocks + block]), factor, offset);
            if (output.residual.bytes || output.residual.floats)
                exact = _mm512_fmadd_ps(residualOf(output.residual, at, mask), _mm512_set1_ps(output.residual.factor), exact);
            const __m512 value = _mm512_min_ps(_mm512_max_ps(exact, _mm512_set1_ps(output.low)), _mm512_set1_ps(output.high));
            if (output.floats && isWhole)
                _mm512_storeu_ps(output.floats + at, value);
            else if (output.floats)
                _mm512_mask_storeu_ps(output.floats + at, mask, value);
            else if (isWhole)
                _mm_storeu_si128(reinterpret_cast<__m128i*>(output.bytes + at), asBytes(value, output.zeroPoint));
            else
                storePart(asBytes(value, output.zeroPoint), count, output.bytes + at);
        }
    }
}

} // namespace lathe::runtime
