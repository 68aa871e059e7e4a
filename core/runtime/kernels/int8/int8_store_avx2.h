#pragma once

#include <algorithm>
#include <array>

#include <core/runtime/kernels/int8/int8_kernel.h>

#include <immintrin.h>

#define LATHE_AVX2 __attribute__((target("avx2,fma")))

/// What becomes of eight sums, for kernels with AVX2.
namespace lathe::runtime::avx2 {

inline constexpr std::int64_t lanes = 8;

/// Eight residual numbers from element `at` on; of the last channels only `count`, so that nothing behind them is read.
LATHE_AVX2 inline __m256 residualOf(const Int8Residual& residual, std::int64_t at, std::int64_t count) {
    if (residual.floats) {
        if (count >= lanes) return _mm256_loadu_ps(residual.floats + at);
        alignas(32) std::array<float, lanes> part{};
        std::copy_n(residual.floats + at, count, part.data());
        return _mm256_load_ps(part.data());
    }
    __m128i bytes;
    if (count >= lanes) {
        bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(residual.bytes + at));
    } else {
        alignas(16) std::array<std::uint8_t, 16> part{};
        std::copy_n(residual.bytes + at, count, part.data());
        bytes = _mm_load_si128(reinterpret_cast<const __m128i*>(part.data()));
    }
    return _mm256_cvtepi32_ps(_mm256_sub_epi32(_mm256_cvtepu8_epi32(bytes), _mm256_set1_epi32(residual.zeroPoint)));
}

/// Eight sums as limited floats, of which `count` are meant; `at` is the output's element.
LATHE_AVX2 inline __m256 scaled(__m256i sums, __m256 factor, __m256 offset, std::int64_t count, std::int64_t at, const Int8Output& output) {
    __m256 value = _mm256_fmadd_ps(_mm256_cvtepi32_ps(sums), factor, offset);
    if (output.residual.bytes || output.residual.floats)
        value = _mm256_fmadd_ps(residualOf(output.residual, at, count), _mm256_set1_ps(output.residual.factor), value);
    return _mm256_min_ps(_mm256_max_ps(value, _mm256_set1_ps(output.low)), _mm256_set1_ps(output.high));
}

/// The same for those of channels from `channel` on.
LATHE_AVX2 inline __m256 scaled(__m256i sums, std::int64_t channel, std::int64_t count, std::int64_t at, float rowFactor,
                                const Int8Output& output) {
    const __m256 factor = _mm256_mul_ps(_mm256_loadu_ps(output.factor.data() + channel), _mm256_set1_ps(rowFactor));
    return scaled(sums, factor, _mm256_loadu_ps(output.offset.data() + channel), count, at, output);
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

/// Sixteen that lie side by side.
LATHE_AVX2 inline void storeBoth(__m256 first, __m256 second, std::int64_t at, const Int8Output& output) {
    if (output.floats) {
        _mm256_storeu_ps(output.floats + at, first);
        _mm256_storeu_ps(output.floats + at + lanes, second);
        return;
    }
    const __m256i zeroPoint = _mm256_set1_epi32(output.zeroPoint);
    const __m256i words =
        _mm256_packs_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(first), zeroPoint), _mm256_add_epi32(_mm256_cvtps_epi32(second), zeroPoint));
    // Four of each in turn.
    const __m256i inOrder = _mm256_permute4x64_epi64(words, 0b11'01'10'00);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(output.bytes + at),
                     _mm_packus_epi16(_mm256_castsi256_si128(inOrder), _mm256_extracti128_si256(inOrder, 1)));
}

/// Only the first `count`: writing all would run into the next pixel, which another thread may already have written.
LATHE_AVX2 inline void storePart(__m256 value, std::int64_t count, std::int64_t at, const Int8Output& output) {
    if (output.floats) {
        alignas(32) std::array<float, lanes> eight;
        _mm256_store_ps(eight.data(), value);
        std::copy_n(eight.data(), count, output.floats + at);
    } else {
        alignas(16) std::array<std::uint8_t, 16> eight;
        _mm_store_si128(reinterpret_cast<__m128i*>(eight.data()), asBytes(value, output.zeroPoint));
        std::copy_n(eight.data(), count, output.bytes + at);
    }
}

} // namespace lathe::runtime::avx2
