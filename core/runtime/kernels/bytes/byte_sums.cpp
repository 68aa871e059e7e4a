#include <core/runtime/kernels/bytes/byte_sums.h>

#include <algorithm>
#include <vector>

#include <core/runtime/kernels/int8/int8_store_avx2.h>

namespace lathe::runtime {

namespace {

/// As many bytes as fit into 16 bits.
constexpr std::int64_t fewRows = 257;

/// The columns from `first` on.
void addRowsPortable(const std::uint8_t* bytes, std::int64_t rows, std::int64_t count, std::int64_t first, std::uint16_t* sums) {
    for (std::int64_t row = 0; row < rows; ++row, bytes += count) {
        for (std::int64_t index = first; index < count; ++index)
            sums[index] = static_cast<std::uint16_t>(sums[index] + bytes[index]);
    }
}

/// Columns outside, so that their sums stay in registers.
LATHE_AVX2 std::int64_t addRowsAvx2(const std::uint8_t* bytes, std::int64_t rows, std::int64_t count, std::uint16_t* sums) {
    constexpr std::int64_t lanes = 16;
    std::int64_t index = 0;
    for (; index + lanes <= count; index += lanes) {
        __m256i sum = _mm256_setzero_si256();
        for (std::int64_t row = 0; row < rows; ++row)
            sum =
                _mm256_add_epi16(sum, _mm256_cvtepu8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + row * count + index))));
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(sums + index), sum);
    }
    return index;
}

} // namespace

void sumRows(const std::uint8_t* bytes, std::int64_t rows, std::int64_t count, std::int32_t* sums, Int8Instructions instructions) {
    thread_local std::vector<std::uint16_t> few;
    std::fill_n(sums, count, 0);
    for (std::int64_t first = 0; first < rows; first += fewRows, bytes += fewRows * count) {
        few.assign(static_cast<std::size_t>(count), 0);
        const std::int64_t some = std::min(fewRows, rows - first);
        const std::int64_t done = instructions == Int8Instructions::Portable ? 0 : addRowsAvx2(bytes, some, count, few.data());
        addRowsPortable(bytes, some, count, done, few.data());
        for (std::int64_t index = 0; index < count; ++index)
            sums[index] += few[static_cast<std::size_t>(index)];
    }
}

} // namespace lathe::runtime
