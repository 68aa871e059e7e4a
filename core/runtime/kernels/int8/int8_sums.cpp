#include <core/runtime/kernels/int8/int8_sums.h>

#include <algorithm>
#include <array>

#include <core/runtime/kernels/int8/int8_store_avx2.h>
#include <core/runtime/kernels/int8/int8_store_portable.h>
#include <core/runtime/kernels/int8/int8_store_vnni.h>

namespace lathe::runtime {

namespace {

LATHE_VNNI void storeWithVnni(const std::int32_t* sums, std::int64_t rows, std::int64_t channels, std::span<const std::int32_t> channelSums,
                              Int8InputZeroPoint zeroPoint, const Int8Output& output) {
    const StoreVnni store(output);
    const float* const factors = output.factor.data();
    const float* const offsets = output.offset.data();
    const float* const rowFactor = output.rowFactor;
    for (std::int64_t row = 0; row < rows; ++row) {
        const __m512i zero = _mm512_set1_epi32(zeroPoint.perRow ? zeroPoint.perRow[row] : zeroPoint.value);
        const __m512 ofRow = _mm512_set1_ps(rowFactor ? rowFactor[row] : 1);
        for (std::int64_t channel = 0; channel < channels; channel += 16) {
            const std::int64_t count = std::min<std::int64_t>(16, channels - channel), element = row * channels + channel;
            const auto mask = static_cast<__mmask16>((1u << count) - 1);
            const __m512i products = _mm512_mullo_epi32(zero, _mm512_loadu_si512(channelSums.data() + channel));
            const __m512i sum = _mm512_sub_epi32(_mm512_maskz_loadu_epi32(mask, sums + element), products);
            const __m512 factor = _mm512_mul_ps(_mm512_loadu_ps(factors + channel), ofRow);
            store.put(sum, factor, _mm512_loadu_ps(offsets + channel), element, count, false);
        }
    }
}

LATHE_AVX2 void storeWithAvx2(const std::int32_t* sums, std::int64_t rows, std::int64_t channels, std::span<const std::int32_t> channelSums,
                              Int8InputZeroPoint zeroPoint, const Int8Output& output) {
    using avx2::lanes;
    for (std::int64_t row = 0; row < rows; ++row) {
        const __m256i zero = _mm256_set1_epi32(zeroPoint.perRow ? zeroPoint.perRow[row] : zeroPoint.value);
        const float rowFactor = output.rowFactor ? output.rowFactor[row] : 1;
        for (std::int64_t channel = 0; channel < channels; channel += lanes) {
            const std::int64_t count = std::min(lanes, channels - channel), at = row * channels + channel;
            alignas(32) std::array<std::int32_t, lanes> some{};
            std::copy_n(sums + at, count, some.data());
            const __m256i ofWeights = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(channelSums.data() + channel));
            const __m256i sum =
                _mm256_sub_epi32(_mm256_load_si256(reinterpret_cast<const __m256i*>(some.data())), _mm256_mullo_epi32(zero, ofWeights));
            const __m256 value = avx2::scaled(sum, channel, count, at, rowFactor, output);
            if (count == lanes)
                avx2::store(value, at, output);
            else
                avx2::storePart(value, count, at, output);
        }
    }
}

} // namespace

void storeSums(const std::int32_t* sums, std::int64_t rows, std::int64_t channels, std::span<const std::int32_t> channelSums,
               Int8InputZeroPoint zeroPoint, const Int8Output& output, Int8Instructions instructions) {
    if (instructions == Int8Instructions::Avx512Vnni) return storeWithVnni(sums, rows, channels, channelSums, zeroPoint, output);
    if (instructions == Int8Instructions::Avx2) return storeWithAvx2(sums, rows, channels, channelSums, zeroPoint, output);
    for (std::int64_t row = 0; row < rows; ++row) {
        const std::int32_t zero = zeroPoint.perRow ? zeroPoint.perRow[row] : zeroPoint.value;
        const float rowFactor = output.rowFactor ? output.rowFactor[row] : 1;
        for (std::int64_t channel = 0; channel < channels; ++channel) {
            const std::int64_t at = row * channels + channel;
            const std::int32_t sum = sums[at] - zero * channelSums[static_cast<std::size_t>(channel)];
            portable::store(portable::scaled(sum, channel, at, rowFactor, output), at, output);
        }
    }
}

} // namespace lathe::runtime
