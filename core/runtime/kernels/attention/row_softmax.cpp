#include <core/runtime/kernels/attention/row_softmax.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include <core/runtime/cpu.h>
#include <core/runtime/kernels/attention/exponential_avx512.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace lathe::runtime {

namespace {

#if defined(__x86_64__)
#define LATHE_AVX512 __attribute__((target("avx512f,avx512dq,fma")))

LATHE_AVX512 void softmaxRowAvx512(float* row, std::int64_t count, const float* mask, std::int64_t maskStride) {
    constexpr std::int64_t lanes = 16;
    const __m512 lowest = _mm512_set1_ps(-std::numeric_limits<float>::infinity());
    const __m512 sameMask = _mm512_set1_ps(mask != nullptr && maskStride == 0 ? *mask : 0);
    const auto part = [count](std::int64_t at) {
        return count - at >= lanes ? __mmask16(0xffff) : static_cast<__mmask16>((1U << (count - at)) - 1);
    };
    __m512 largest = lowest;
    for (std::int64_t at = 0; at < count; at += lanes) {
        const __mmask16 some = part(at);
        __m512 x = _mm512_mask_loadu_ps(lowest, some, row + at);
        if (mask != nullptr) x = _mm512_mask_add_ps(x, some, x, maskStride == 0 ? sameMask : _mm512_maskz_loadu_ps(some, mask + at));
        _mm512_mask_storeu_ps(row + at, some, x);
        largest = _mm512_max_ps(largest, x);
    }
    const __m512 peak = _mm512_set1_ps(_mm512_reduce_max_ps(largest));
    __m512 sum = _mm512_setzero_ps();
    for (std::int64_t at = 0; at < count; at += lanes) {
        const __mmask16 some = part(at);
        const __m512 weight = _mm512_maskz_mov_ps(some, exponential(_mm512_sub_ps(_mm512_maskz_loadu_ps(some, row + at), peak)));
        _mm512_mask_storeu_ps(row + at, some, weight);
        sum = _mm512_add_ps(sum, weight);
    }
    const __m512 share = _mm512_set1_ps(1 / _mm512_reduce_add_ps(sum));
    for (std::int64_t at = 0; at < count; at += lanes) {
        const __mmask16 some = part(at);
        _mm512_mask_storeu_ps(row + at, some, _mm512_mul_ps(_mm512_maskz_loadu_ps(some, row + at), share));
    }
}

bool hasAvx512() {
    static const bool has = mayUseAvx512() && __builtin_cpu_supports("avx512dq");
    return has;
}
#endif

} // namespace

void toBfloat16Portable(const float* row, std::int64_t count, std::uint16_t* rounded) {
    for (std::int64_t at = 0; at < count; ++at) {
        const auto bits = std::bit_cast<std::uint32_t>(row[at]);
        rounded[at] = static_cast<std::uint16_t>((bits + 0x7fffU + ((bits >> 16U) & 1U)) >> 16U);
    }
}

#if defined(__x86_64__)
namespace {
LATHE_AVX512 void toBfloat16Avx512(const float* row, std::int64_t count, std::uint16_t* rounded) {
    constexpr std::int64_t lanes = 16;
    const __m512i half = _mm512_set1_epi32(0x7fff), one = _mm512_set1_epi32(1);
    for (std::int64_t at = 0; at < count; at += lanes) {
        const auto some = count - at >= lanes ? __mmask16(0xffff) : static_cast<__mmask16>((1U << (count - at)) - 1);
        const __m512i bits = _mm512_maskz_loadu_epi32(some, row + at);
        const __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), one);
        const __m512i high = _mm512_srli_epi32(_mm512_add_epi32(_mm512_add_epi32(bits, half), odd), 16);
        _mm512_mask_cvtepi32_storeu_epi16(rounded + at, some, high);
    }
}
} // namespace
#endif

void toBfloat16(const float* row, std::int64_t count, std::uint16_t* rounded) {
#if defined(__x86_64__)
    if (hasAvx512()) return toBfloat16Avx512(row, count, rounded);
#endif
    toBfloat16Portable(row, count, rounded);
}

void softmaxRowPortable(float* row, std::int64_t count, const float* mask, std::int64_t maskStride) {
    float peak = -std::numeric_limits<float>::infinity();
    for (std::int64_t at = 0; at < count; ++at) {
        if (mask != nullptr) row[at] += mask[at * maskStride];
        peak = std::max(peak, row[at]);
    }
    double sum = 0;
    for (std::int64_t at = 0; at < count; ++at) {
        row[at] = std::exp(row[at] - peak);
        sum += static_cast<double>(row[at]);
    }
    for (std::int64_t at = 0; at < count; ++at)
        row[at] = static_cast<float>(static_cast<double>(row[at]) / sum);
}

void softmaxRow(float* row, std::int64_t count, const float* mask, std::int64_t maskStride) {
#if defined(__x86_64__)
    if (hasAvx512() && (maskStride == 0 || maskStride == 1)) return softmaxRowAvx512(row, count, mask, maskStride);
#endif
    softmaxRowPortable(row, count, mask, maskStride);
}

} // namespace lathe::runtime
