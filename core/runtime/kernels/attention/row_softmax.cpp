#include <core/runtime/kernels/attention/row_softmax.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include <core/runtime/cpu.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace lathe::runtime {

namespace {

#if defined(__x86_64__)
#define LATHE_AVX512 __attribute__((target("avx512f,avx512dq,fma")))

/// eˣ for x ≤ 0: 2ⁿ · p(r) with x = n · ln 2 + r; the polynomial is Cephes' expf (S. Moshier). 0 below the smallest number.
LATHE_AVX512 inline __m512 exponential(__m512 x) {
    const __mmask16 isSmall = _mm512_cmp_ps_mask(x, _mm512_set1_ps(-103.9F), _CMP_LT_OQ);
    const __m512 n = _mm512_roundscale_ps(_mm512_mul_ps(x, _mm512_set1_ps(1.44269504F)), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    __m512 r = _mm512_fnmadd_ps(n, _mm512_set1_ps(0.693359375F), x);
    r = _mm512_fnmadd_ps(n, _mm512_set1_ps(-2.12194440e-4F), r);
    __m512 p = _mm512_set1_ps(1.9875691500e-4F);
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.3981999507e-3F));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(8.3334519073e-3F));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(4.1665795894e-2F));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1.6666665459e-1F));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(5.0000001201e-1F));
    p = _mm512_fmadd_ps(_mm512_mul_ps(p, r), r, _mm512_add_ps(r, _mm512_set1_ps(1)));
    return _mm512_mask_mov_ps(_mm512_scalef_ps(p, n), isSmall, _mm512_setzero_ps());
}

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
