#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

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

/// The limits of bytes, kept while they are packed: many numbers at once. As rounding keeps the order of numbers, limits of floats are
/// theirs.
struct ByteLimits {
    explicit ByteLimits(const Int8Output& output)
        : zeroPoint(static_cast<std::int16_t>(output.zeroPoint)), low(limit(output.low, output.zeroPoint)),
          high(limit(output.high, output.zeroPoint)) {}

    /// Do all numbers fit into the 32 bits that they are rounded to? `largestSum`: of the magnitudes.
    static bool suit(const Int8Output& output, std::int64_t firstChannel, std::int64_t channels, std::int64_t largestSum) {
        const float residual = output.residual.bytes != nullptr ? 255 * std::abs(output.residual.factor) : 0;
        // Each row of pixels asks: in vectors, to the end.
        const float* const factor = output.factor.data() + firstChannel;
        const float* const offset = output.offset.data() + firstChannel;
        bool doAll = true;
        for (std::int64_t at = 0; at < channels; ++at)
            doAll &= std::abs(factor[at]) * static_cast<float>(largestSum) + std::abs(offset[at]) + residual < 1e9F;
        return doAll;
    }

    /// Two vectors of rounded numbers, by fours: four of the first, four of the second, and the others so.
    LATHE_AVX2 __attribute__((always_inline)) __m256i words(__m256i first, __m256i second) const {
        return _mm256_adds_epi16(_mm256_packs_epi32(first, second), _mm256_set1_epi16(zeroPoint));
    }
    LATHE_AVX2 __attribute__((always_inline)) __m128i limited(__m128i bytes) const {
        return _mm_min_epu8(_mm_max_epu8(bytes, _mm_set1_epi8(low)), _mm_set1_epi8(high));
    }
    LATHE_AVX2 __attribute__((always_inline)) __m256i limited(__m256i bytes) const {
        return _mm256_min_epu8(_mm256_max_epu8(bytes, _mm256_set1_epi8(low)), _mm256_set1_epi8(high));
    }

    std::int16_t zeroPoint;
    char low, high;

private:
    static char limit(float bound, std::int32_t zeroPoint) {
        return static_cast<char>(
            static_cast<std::uint8_t>(std::clamp(_mm_cvtss_si32(_mm_set_ss(std::clamp(bound, -1000.0F, 1000.0F))) + zeroPoint, 0, 255)));
    }
};

/// What becomes of sums that are stored as bytes, with one factor for each channel and bytes added or nothing. Gives the bytes of scaled()
/// and storeBoth().
class ByteStore {
public:
    /// Nothing where the output is of another kind. Vectors of channels from `firstChannel` on.
    template<int Vectors>
    static std::optional<ByteStore> of(const Int8Output& output, std::int64_t firstChannel, std::int64_t largestSum) {
        if (output.bytes == nullptr || output.rowFactor || output.residual.floats) return std::nullopt;
        if (!ByteLimits::suit(output, firstChannel, Vectors * lanes, largestSum)) return std::nullopt;
        return ByteStore(output);
    }

    /// One or two vectors of channels at element `at`. `Sums`: of eight 32-bit integers.
    template<int Vectors, class Sums>
    LATHE_AVX2 __attribute__((always_inline)) void store(const Sums* sums, const __m256* factor, const __m256* offset,
                                                         std::int64_t at) const {
        const auto rounded = [&](int vector) LATHE_AVX2 {
            const __m256 sum = _mm256_cvtepi32_ps(reinterpret_cast<__m256i>(sums[vector]));
            __m256 value = _mm256_fmadd_ps(sum, factor[vector], offset[vector]);
            if (m_residual.bytes != nullptr)
                value = _mm256_fmadd_ps(residualOf(m_residual, at + vector * lanes, lanes), _mm256_set1_ps(m_residual.factor), value);
            return _mm256_cvtps_epi32(value);
        };
        const __m256i first = rounded(0);
        const __m256i inOrder = _mm256_permute4x64_epi64(m_limits.words(first, Vectors == 2 ? rounded(Vectors - 1) : first), 0b11'01'10'00);
        const __m128i bytes = m_limits.limited(_mm_packus_epi16(_mm256_castsi256_si128(inOrder), _mm256_extracti128_si256(inOrder, 1)));
        auto* const to = reinterpret_cast<__m128i*>(m_to + at);
        Vectors == 2 ? _mm_storeu_si128(to, bytes) : _mm_storel_epi64(to, bytes);
    }

private:
    explicit ByteStore(const Int8Output& output) : m_to(output.bytes), m_residual(output.residual), m_limits(output) {}

    std::uint8_t* m_to;
    Int8Residual m_residual; ///< bytes, or nothing
    ByteLimits m_limits;
};

} // namespace lathe::runtime::avx2
