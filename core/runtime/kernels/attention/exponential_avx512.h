#pragma once

#if defined(__x86_64__)

#include <immintrin.h>

namespace lathe::runtime {

/// eˣ for x ≤ 0: 2ⁿ · p(r) with x = n · ln 2 + r; the polynomial is Cephes' expf (S. Moshier). 0 below the smallest number.
__attribute__((target("avx512f,avx512dq,fma"))) inline __m512 exponential(__m512 x) {
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

} // namespace lathe::runtime

#endif
