#include <core/runtime/kernels/bytes/float_bytes.h>

#include <algorithm>
#include <array>
#include <cmath>

#include <core/runtime/kernels/int8/int8_store_avx2.h>

namespace lathe::runtime {

namespace {

void quantizePortable(const float* values, std::int64_t count, float inverseScale, std::int32_t zeroPoint, std::int32_t minimum,
                      std::int32_t maximum, std::uint8_t* out) {
    const auto low = static_cast<float>(minimum - zeroPoint);
    const auto high = static_cast<float>(maximum - zeroPoint);
    for (std::int64_t index = 0; index < count; ++index) {
        const float scaled = values[index] * inverseScale;
        const float limited = std::isnan(scaled) ? 0.0f : std::min(std::max(scaled, low), high);
        out[index] = static_cast<std::uint8_t>(static_cast<std::int32_t>(std::nearbyintf(limited)) + zeroPoint);
    }
}

LATHE_AVX2 std::int64_t quantizeAvx2(const float* values, std::int64_t count, float inverseScale, std::int32_t zeroPoint,
                                     std::int32_t minimum, std::int32_t maximum, std::uint8_t* out) {
    const __m256 inverse = _mm256_set1_ps(inverseScale);
    const __m256 low = _mm256_set1_ps(static_cast<float>(minimum - zeroPoint));
    const __m256 high = _mm256_set1_ps(static_cast<float>(maximum - zeroPoint));
    std::int64_t index = 0;
    for (; index + 8 <= count; index += 8) {
        __m256 scaled = _mm256_mul_ps(_mm256_loadu_ps(values + index), inverse);
        scaled = _mm256_and_ps(scaled, _mm256_cmp_ps(scaled, scaled, _CMP_ORD_Q));
        scaled = _mm256_min_ps(_mm256_max_ps(scaled, low), high);
        _mm_storel_epi64(reinterpret_cast<__m128i*>(out + index), avx2::asBytes(scaled, zeroPoint));
    }
    return index;
}

void extendPortable(const float* values, std::int64_t count, FloatRange& range) {
    for (std::int64_t index = 0; index < count; ++index) {
        range.low = std::min(range.low, values[index]);
        range.high = std::max(range.high, values[index]);
        range.isFinite = range.isFinite && std::isfinite(values[index]);
    }
}

LATHE_AVX2 std::int64_t extendAvx2(const float* values, std::int64_t count, FloatRange& range) {
    __m256 low = _mm256_set1_ps(range.low), high = _mm256_set1_ps(range.high);
    __m256 isFinite = _mm256_castsi256_ps(_mm256_set1_epi32(-1));
    std::int64_t index = 0;
    for (; index + 8 <= count; index += 8) {
        const __m256 value = _mm256_loadu_ps(values + index);
        low = _mm256_min_ps(low, value);
        high = _mm256_max_ps(high, value);
        // x − x is 0 for finite numbers only.
        isFinite = _mm256_and_ps(isFinite, _mm256_cmp_ps(_mm256_sub_ps(value, value), _mm256_setzero_ps(), _CMP_EQ_OQ));
    }
    alignas(32) std::array<float, 8> lows, highs;
    _mm256_store_ps(lows.data(), low);
    _mm256_store_ps(highs.data(), high);
    range.low = *std::min_element(lows.begin(), lows.end());
    range.high = *std::max_element(highs.begin(), highs.end());
    range.isFinite = range.isFinite && _mm256_movemask_ps(isFinite) == 0xFF;
    return index;
}

} // namespace

FloatRange floatRange(const float* values, std::int64_t count, Int8Instructions instructions) {
    FloatRange range;
    const std::int64_t done = instructions != Int8Instructions::Portable ? extendAvx2(values, count, range) : 0;
    extendPortable(values + done, count - done, range);
    return range;
}

void quantizeFloats(const float* values, std::int64_t count, float inverseScale, std::int32_t zeroPoint, std::int32_t minimum,
                    std::int32_t maximum, std::uint8_t* out, Int8Instructions instructions) {
    std::int64_t done = 0;
    if (instructions != Int8Instructions::Portable) done = quantizeAvx2(values, count, inverseScale, zeroPoint, minimum, maximum, out);
    quantizePortable(values + done, count - done, inverseScale, zeroPoint, minimum, maximum, out + done);
}

} // namespace lathe::runtime
