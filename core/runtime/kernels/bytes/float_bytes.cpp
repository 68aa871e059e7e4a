#include <core/runtime/kernels/bytes/float_bytes.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

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
    const auto limited = [&](const float* from) LATHE_AVX2 {
        __m256 scaled = _mm256_mul_ps(_mm256_loadu_ps(from), inverse);
        scaled = _mm256_and_ps(scaled, _mm256_cmp_ps(scaled, scaled, _CMP_ORD_Q));
        return _mm256_min_ps(_mm256_max_ps(scaled, low), high);
    };
    std::int64_t index = 0;
    const __m256i zeroPoints = _mm256_set1_epi16(static_cast<std::int16_t>(zeroPoint));
    const __m256i inOrder = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7); // packing takes four of each in turn
    for (; index + 32 <= count; index += 32) {
        const auto words = [&](std::int64_t at) LATHE_AVX2 {
            const __m256i first = _mm256_cvtps_epi32(limited(values + at)), second = _mm256_cvtps_epi32(limited(values + at + 8));
            return _mm256_add_epi16(_mm256_packs_epi32(first, second), zeroPoints);
        };
        const __m256i bytes = _mm256_packus_epi16(words(index), words(index + 16));
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + index), _mm256_permutevar8x32_epi32(bytes, inOrder));
    }
    for (; index + 8 <= count; index += 8)
        _mm_storel_epi64(reinterpret_cast<__m128i*>(out + index), avx2::asBytes(limited(values + index), zeroPoint));
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

namespace {

/// Three rows of bytes become one of threes; how many were done.
__attribute__((target("ssse3"))) std::int64_t interleaveThree(const std::uint8_t* rows, std::int64_t rowBytes, std::int64_t count,
                                                              std::uint8_t* out) {
    // For each of three results what it takes of each row; bytes with the highest bit are 0.
    constexpr auto orders = [] {
        std::array<std::array<std::array<std::uint8_t, 16>, 3>, 3> made{};
        for (std::size_t result = 0; result < 3; ++result) {
            for (std::size_t row = 0; row < 3; ++row) {
                for (std::size_t byte = 0; byte < 16; ++byte) {
                    const std::size_t at = 16 * result + byte;
                    made[result][row][byte] = at % 3 == row ? static_cast<std::uint8_t>(at / 3) : std::uint8_t{0x80};
                }
            }
        }
        return made;
    }();
    const auto load = [](const std::uint8_t* from) __attribute__((target("ssse3"))) {
        return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    };
    std::int64_t at = 0;
    for (; at + 16 <= count; at += 16) {
        const __m128i first = load(rows + at), second = load(rows + rowBytes + at), third = load(rows + 2 * rowBytes + at);
        for (std::size_t result = 0; result < 3; ++result) {
            const auto part = [&](__m128i row, std::size_t index) __attribute__((target("ssse3"))) {
                return _mm_shuffle_epi8(row, load(orders[result][index].data()));
            };
            const __m128i bytes = _mm_or_si128(_mm_or_si128(part(first, 0), part(second, 1)), part(third, 2));
            _mm_storeu_si128(reinterpret_cast<__m128i*>(out + 3 * at + 16 * static_cast<std::int64_t>(result)), bytes);
        }
    }
    return at;
}

} // namespace

void quantizePlanes(const float* planes, std::int64_t channels, std::int64_t planeSize, ItemRange pixels, float inverseScale,
                    std::int32_t zeroPoint, std::int32_t minimum, std::int32_t maximum, std::uint8_t* out, Int8Instructions instructions) {
    constexpr std::int64_t chunkBytes = 1 << 13; // stay in the nearest cache
    const std::int64_t chunk = std::max<std::int64_t>(1, chunkBytes / channels);
    thread_local std::vector<std::uint8_t> rows; // of bytes, one for each channel
    rows.resize(static_cast<std::size_t>(chunk * channels));
    for (std::int64_t first = pixels.begin; first < pixels.end; first += chunk) {
        const std::int64_t count = std::min(chunk, pixels.end - first);
        for (std::int64_t channel = 0; channel < channels; ++channel)
            quantizeFloats(planes + channel * planeSize + first, count, inverseScale, zeroPoint, minimum, maximum,
                           rows.data() + channel * chunk, instructions);
        std::uint8_t* const to = out + (first - pixels.begin) * channels;
        const bool isThree = channels == 3 && instructions != Int8Instructions::Portable;
        const std::int64_t done = isThree ? interleaveThree(rows.data(), chunk, count, to) : 0;
        for (std::int64_t channel = 0; channel < channels; ++channel)
            for (std::int64_t pixel = done; pixel < count; ++pixel)
                to[pixel * channels + channel] = rows[static_cast<std::size_t>(channel * chunk + pixel)];
    }
}

} // namespace lathe::runtime
