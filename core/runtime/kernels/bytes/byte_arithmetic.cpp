#include <core/runtime/kernels/bytes/byte_arithmetic.h>

#include <algorithm>
#include <cmath>

#include <immintrin.h>

namespace lathe::runtime {

namespace {

// This file is compiled without contraction of products and sums, which would round once where simulation rounds twice.
#define LATHE_ARITHMETIC_AVX2 __attribute__((target("avx2")))
#define LATHE_ARITHMETIC_AVX512 __attribute__((target("avx512f,avx512bw,avx512vl")))

enum class Operation { Sum, Product };

/// The columns from `first` on.
template<Operation operation>
void computePortable(const ByteArithmetic& numbers, const std::uint8_t* left, const std::uint8_t* right, std::int64_t rows,
                     std::int64_t count, std::int64_t first, std::uint8_t* out) {
    const auto real = [](const ByteOperand& operand, std::uint8_t byte) {
        return static_cast<float>(byte - operand.zeroPoint) * operand.scale;
    };
    for (std::int64_t row = 0; row < rows; ++row, left += count, out += count) {
        for (std::int64_t index = first; index < count; ++index) {
            const float one = real(numbers.left, left[index]), other = real(numbers.right, right[index]);
            const float result = (operation == Operation::Sum ? one + other : one * other) * numbers.inverseScale;
            const float limited = std::min(std::max(result, numbers.low), numbers.high);
            out[index] = static_cast<std::uint8_t>(static_cast<std::int32_t>(std::nearbyintf(limited)) + numbers.zeroPoint);
        }
    }
}

LATHE_ARITHMETIC_AVX2 inline __m256 real(const ByteOperand& operand, const std::uint8_t* bytes) {
    const __m256i wide = _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(bytes)));
    return _mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_sub_epi32(wide, _mm256_set1_epi32(operand.zeroPoint))), _mm256_set1_ps(operand.scale));
}

template<Operation operation>
LATHE_ARITHMETIC_AVX2 std::int64_t computeAvx2(const ByteArithmetic& numbers, const std::uint8_t* left, const std::uint8_t* right,
                                               std::int64_t rows, std::int64_t count, std::uint8_t* out) {
    constexpr std::int64_t lanes = 8;
    std::int64_t index = 0;
    for (; index + lanes <= count; index += lanes) {
        const __m256 other = real(numbers.right, right + index);
        for (std::int64_t row = 0, at = index; row < rows; ++row, at += count) {
            const __m256 one = real(numbers.left, left + at);
            const __m256 result = operation == Operation::Sum ? _mm256_add_ps(one, other) : _mm256_mul_ps(one, other);
            const __m256 scaled = _mm256_mul_ps(result, _mm256_set1_ps(numbers.inverseScale));
            const __m256 limited = _mm256_min_ps(_mm256_max_ps(scaled, _mm256_set1_ps(numbers.low)), _mm256_set1_ps(numbers.high));
            const __m256i rounded = _mm256_add_epi32(_mm256_cvtps_epi32(limited), _mm256_set1_epi32(numbers.zeroPoint));
            const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(rounded), _mm256_extracti128_si256(rounded, 1));
            _mm_storel_epi64(reinterpret_cast<__m128i*>(out + at), _mm_packus_epi16(words, words));
        }
    }
    return index;
}

LATHE_ARITHMETIC_AVX512 inline __m512 real(const ByteOperand& operand, __m128i bytes) {
    const __m512i wide = _mm512_cvtepu8_epi32(bytes);
    return _mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_sub_epi32(wide, _mm512_set1_epi32(operand.zeroPoint))), _mm512_set1_ps(operand.scale));
}

template<Operation operation>
LATHE_ARITHMETIC_AVX512 std::int64_t computeAvx512(const ByteArithmetic& numbers, const std::uint8_t* left, const std::uint8_t* right,
                                                   std::int64_t rows, std::int64_t count, std::uint8_t* out) {
    constexpr std::int64_t lanes = 16;
    for (std::int64_t index = 0; index < count; index += lanes) {
        const std::int64_t rest = count - index;
        const auto meant = static_cast<__mmask16>(rest >= lanes ? 0xFFFF : (1 << rest) - 1);
        const __m512 other = real(numbers.right, _mm_maskz_loadu_epi8(meant, right + index));
        for (std::int64_t row = 0, at = index; row < rows; ++row, at += count) {
            const __m512 one = real(numbers.left, _mm_maskz_loadu_epi8(meant, left + at));
            const __m512 result = operation == Operation::Sum ? _mm512_add_ps(one, other) : _mm512_mul_ps(one, other);
            const __m512 scaled = _mm512_mul_ps(result, _mm512_set1_ps(numbers.inverseScale));
            const __m512 limited = _mm512_min_ps(_mm512_max_ps(scaled, _mm512_set1_ps(numbers.low)), _mm512_set1_ps(numbers.high));
            const __m512i rounded = _mm512_add_epi32(_mm512_cvtps_epi32(limited), _mm512_set1_epi32(numbers.zeroPoint));
            _mm_mask_storeu_epi8(out + at, meant, _mm512_cvtepi32_epi8(rounded));
        }
    }
    return count;
}

template<Operation operation>
void compute(const ByteArithmetic& numbers, const std::uint8_t* left, const std::uint8_t* right, std::int64_t rows, std::int64_t count,
             std::uint8_t* out, Int8Instructions instructions) {
    // Columns are outside, so that `right` stays in registers; a few rows at a time stay in the nearest cache.
    constexpr std::int64_t nearBytes = 1 << 14;
    const std::int64_t few = std::max<std::int64_t>(1, nearBytes / std::max<std::int64_t>(1, count));
    for (std::int64_t row = 0; row < rows; row += few, left += few * count, out += few * count) {
        const std::int64_t some = std::min(few, rows - row);
        std::int64_t done = 0;
        if (instructions == Int8Instructions::Avx512Vnni)
            done = computeAvx512<operation>(numbers, left, right, some, count, out);
        else if (instructions == Int8Instructions::Avx2)
            done = computeAvx2<operation>(numbers, left, right, some, count, out);
        computePortable<operation>(numbers, left, right, some, count, done, out);
    }
}

} // namespace

void addBytes(const ByteArithmetic& numbers, const std::uint8_t* left, const std::uint8_t* right, std::int64_t rows, std::int64_t count,
              std::uint8_t* out, Int8Instructions instructions) {
    compute<Operation::Sum>(numbers, left, right, rows, count, out, instructions);
}

void multiplyBytes(const ByteArithmetic& numbers, const std::uint8_t* left, const std::uint8_t* right, std::int64_t rows,
                   std::int64_t count, std::uint8_t* out, Int8Instructions instructions) {
    compute<Operation::Product>(numbers, left, right, rows, count, out, instructions);
}

} // namespace lathe::runtime
