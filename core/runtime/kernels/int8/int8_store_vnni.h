#pragma once

#include <cstdint>

#include <core/runtime/kernels/int8/int8_kernel.h>
#include <core/runtime/kernels/int8/int8_store_avx2.h>

#include <immintrin.h>

#define LATHE_VNNI __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni,fma")))
#define LATHE_VNNI_ALWAYS_INLINE __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni,fma"), always_inline))
#define LATHE_VNNI_INLINE LATHE_VNNI_ALWAYS_INLINE inline

namespace lathe::runtime {

/// Packs rounded numbers to bytes and limits these, where avx2::ByteLimits::suit() holds.
class PackVnni {
public:
    LATHE_VNNI explicit PackVnni(const Int8Output& output) {
        const avx2::ByteLimits limits(output);
        m_zeroPoint = _mm512_set1_epi16(limits.zeroPoint);
        m_low = _mm512_set1_epi8(limits.low);
        m_high = _mm512_set1_epi8(limits.high);
    }

    /// Of four vectors, by fours: each 128 bits have four of the first, of the second, of the third and of the last.
    LATHE_VNNI_INLINE __m512i bytes(__m512i first, __m512i second, __m512i third, __m512i last) const {
        const __m512i words = _mm512_adds_epi16(_mm512_packs_epi32(first, second), m_zeroPoint);
        const __m512i wordsBehind = _mm512_adds_epi16(_mm512_packs_epi32(third, last), m_zeroPoint);
        return _mm512_min_epu8(_mm512_max_epu8(_mm512_packus_epi16(words, wordsBehind), m_low), m_high);
    }

private:
    __m512i m_zeroPoint, m_low, m_high;
};

/// What becomes of sixteen sums of neighbouring channels, for kernels with AVX-512 VNNI (Int8Output). All that it reads from memory is read
/// when it is made: what is stored could be any of it as far as the compiler knows.
class StoreVnni {
public:
    LATHE_VNNI_INLINE explicit StoreVnni(const Int8Output& output)
        : m_low(_mm512_set1_ps(output.low)), m_high(_mm512_set1_ps(output.high)), m_zeroPoint(_mm512_set1_epi32(output.zeroPoint)),
          m_residual(output.residual), m_hasResidual(output.residual.bytes || output.residual.floats), m_floats(output.floats),
          m_bytes(output.bytes) {}

    /// `element`: of the output, the first of them; `count` of them count. `mayOverrun`: those behind may be written too.
    LATHE_VNNI_INLINE void put(__m512i sums, __m512 factor, __m512 offset, std::int64_t element, std::int64_t count,
                               bool mayOverrun) const {
        const auto mask = static_cast<__mmask16>((1u << count) - 1);
        __m512 value = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sums), factor, offset);
        if (m_hasResidual) value = _mm512_fmadd_ps(residualAt(element, mask), _mm512_set1_ps(m_residual.factor), value);
        value = _mm512_min_ps(_mm512_max_ps(value, m_low), m_high);
        if (m_floats) {
            _mm512_mask_storeu_ps(m_floats + element, mask, value);
            return;
        }
        const __m128i rounded = _mm512_cvtepi32_epi8(_mm512_add_epi32(_mm512_cvtps_epi32(value), m_zeroPoint));
        if (count == 16 || mayOverrun)
            _mm_storeu_si128(reinterpret_cast<__m128i*>(m_bytes + element), rounded);
        else
            storePart(rounded, count, m_bytes + element);
    }

private:
    LATHE_VNNI_INLINE __m512 residualAt(std::int64_t at, __mmask16 mask) const {
        if (m_residual.floats) return _mm512_maskz_loadu_ps(mask, m_residual.floats + at);
        const __m512i bytes = _mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(mask, m_residual.bytes + at));
        return _mm512_cvtepi32_ps(_mm512_sub_epi32(bytes, _mm512_set1_epi32(m_residual.zeroPoint)));
    }
    /// The first `count` of sixteen bytes. Stores with a mask are slow on Zen 4.
    LATHE_VNNI_INLINE static void storePart(__m128i bytes, std::int64_t count, std::uint8_t* out) {
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

    __m512 m_low, m_high;
    __m512i m_zeroPoint;
    Int8Residual m_residual;
    bool m_hasResidual;
    float* m_floats;
    std::uint8_t* m_bytes;
};

} // namespace lathe::runtime
