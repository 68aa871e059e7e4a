#include <core/runtime/kernels/bytes/byte_table.h>

#include <core/runtime/cpu.h>

#include <immintrin.h>

namespace lathe::runtime {

namespace {

#define LATHE_TABLE_AVX2 __attribute__((target("avx2")))
#define LATHE_TABLE_VBMI __attribute__((target("avx512f,avx512bw,avx512vbmi")))

void lookUpPortable(const ByteTable& table, const std::uint8_t* from, std::int64_t count, std::uint8_t* to) {
    for (std::int64_t index = 0; index < count; ++index)
        to[index] = table[from[index]];
}

/// vpshufb reads 16 entries by the low four bits, and gives 0 where the highest bit is set. Subtracting 16 again and again, with
/// saturation, meets the parts of a half of the table one after the other until the number is negative; each part holds what differs from
/// the one before, so that all that were met make the entry.
LATHE_TABLE_AVX2 std::int64_t lookUpAvx2(const ByteTable& table, const std::uint8_t* from, std::int64_t count, std::uint8_t* to) {
    constexpr std::int64_t lanes = 32;
    constexpr std::size_t parts = 16;
    __m128i differences[parts];
    for (std::size_t part = 0; part < parts; ++part) {
        const __m128i entries = _mm_loadu_si128(reinterpret_cast<const __m128i*>(table.data() + part * 16));
        const bool isFirst = part % (parts / 2) == 0;
        differences[part] =
            isFirst ? entries : _mm_xor_si128(entries, _mm_loadu_si128(reinterpret_cast<const __m128i*>(table.data() + (part - 1) * 16)));
    }
    const __m256i sixteen = _mm256_set1_epi8(16), highest = _mm256_set1_epi8(-128);
    std::int64_t index = 0;
    for (; index + lanes <= count; index += lanes) {
        __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from + index));
        __m256i high = _mm256_xor_si256(low, highest);
        __m256i found = _mm256_setzero_si256();
        for (std::size_t part = 0; part < parts / 2; ++part) {
            const __m256i lower = _mm256_broadcastsi128_si256(differences[part]),
                          upper = _mm256_broadcastsi128_si256(differences[part + parts / 2]);
            found = _mm256_xor_si256(found, _mm256_xor_si256(_mm256_shuffle_epi8(lower, low), _mm256_shuffle_epi8(upper, high)));
            low = _mm256_subs_epi8(low, sixteen);
            high = _mm256_subs_epi8(high, sixteen);
        }
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + index), found);
    }
    return index;
}

LATHE_TABLE_VBMI std::int64_t lookUpVbmi(const ByteTable& table, const std::uint8_t* from, std::int64_t count, std::uint8_t* to) {
    constexpr std::int64_t lanes = 64;
    const __m512i first = _mm512_loadu_si512(table.data()), second = _mm512_loadu_si512(table.data() + 64),
                  third = _mm512_loadu_si512(table.data() + 128), fourth = _mm512_loadu_si512(table.data() + 192);
    for (std::int64_t index = 0; index < count; index += lanes) {
        const std::int64_t left = count - index;
        const __mmask64 meant = left >= lanes ? ~__mmask64{0} : (__mmask64{1} << left) - 1;
        const __m512i places = _mm512_maskz_loadu_epi8(meant, from + index);
        const __m512i lower = _mm512_permutex2var_epi8(first, places, second), upper = _mm512_permutex2var_epi8(third, places, fourth);
        _mm512_mask_storeu_epi8(to + index, meant, _mm512_mask_blend_epi8(_mm512_movepi8_mask(places), lower, upper));
    }
    return count;
}

} // namespace

TableInstructions tableInstructions() {
    static const TableInstructions best = mayUseAvx512() && __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512bw")
                                              ? TableInstructions::Avx512Vbmi
                                          : __builtin_cpu_supports("avx2") ? TableInstructions::Avx2
                                                                           : TableInstructions::Portable;
    return best;
}

void lookUp(const ByteTable& table, const std::uint8_t* from, std::int64_t count, std::uint8_t* to, TableInstructions instructions) {
    std::int64_t done = 0;
    if (instructions == TableInstructions::Avx512Vbmi)
        done = lookUpVbmi(table, from, count, to);
    else if (instructions == TableInstructions::Avx2)
        done = lookUpAvx2(table, from, count, to);
    lookUpPortable(table, from + done, count - done, to + done);
}

} // namespace lathe::runtime
