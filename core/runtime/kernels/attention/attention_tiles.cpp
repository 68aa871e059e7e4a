#include <core/runtime/kernels/attention/attention_tiles.h>

#include <algorithm>
#include <limits>

#include <core/runtime/cpu.h>
#include <core/runtime/kernels/attention/exponential_avx512.h>

#if defined(__x86_64__) && defined(__linux__)
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>
#define LATHE_HAS_TILES 1
#endif

namespace lathe::runtime {

#ifdef LATHE_HAS_TILES

namespace {

#define LATHE_AVX512 __attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,fma")))
#define LATHE_DOTS __attribute__((target("avx512bf16,avx512f,avx512dq,avx512bw,avx512vl,fma")))
#define LATHE_TILES __attribute__((target("amx-tile,amx-bf16,avx512f,avx512dq,avx512bw,avx512vl,fma")))

constexpr std::int64_t lanes = 16;       // rows of a tile, and floats or pairs of halves in a row
constexpr std::int64_t pairsInTile = 16; // of halves: what one step of a product sums over
constexpr std::int64_t halvesInTile = 2 * pairsInTile;

std::int64_t wholeTiles(std::int64_t count, std::int64_t size) { return (count + size - 1) / size * size; }

/// Linux saves the large registers only of processes that asked for them.
bool askSystemForTiles() {
    constexpr long requestPermission = 0x1023, tileData = 18; // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
    return syscall(SYS_arch_prctl, requestPermission, tileData) == 0;
}

/// As LDTILECFG reads it.
struct alignas(64) TileConfiguration {
    std::uint8_t palette = 1, startRow = 0, reserved[14] = {};
    std::uint16_t bytesOfRow[16] = {};
    std::uint8_t rows[16] = {};
};

/// All eight tiles whole: sixteen rows of 64 bytes. Constant memory: GCC does not know that the instruction reads all of it, and leaves
/// out what was written just before.
constexpr TileConfiguration wholeTilesOnly = [] {
    TileConfiguration configuration;
    std::fill_n(configuration.bytesOfRow, 8, std::uint16_t{64});
    std::fill_n(configuration.rows, 8, std::uint8_t{lanes});
    return configuration;
}();

LATHE_TILES void configureTiles() { _tile_loadconfig(&wholeTilesOnly); }

/// Rows and columns of sixteen vectors of sixteen change places.
LATHE_AVX512 inline void transpose(__m512i (&rows)[lanes]) {
    __m512i pairs[lanes], fours[lanes];
    for (int at = 0; at < lanes; at += 2) {
        pairs[at] = _mm512_unpacklo_epi32(rows[at], rows[at + 1]);
        pairs[at + 1] = _mm512_unpackhi_epi32(rows[at], rows[at + 1]);
    }
    for (int at = 0; at < lanes; at += 4) {
        fours[at] = _mm512_unpacklo_epi64(pairs[at], pairs[at + 2]);
        fours[at + 1] = _mm512_unpackhi_epi64(pairs[at], pairs[at + 2]);
        fours[at + 2] = _mm512_unpacklo_epi64(pairs[at + 1], pairs[at + 3]);
        fours[at + 3] = _mm512_unpackhi_epi64(pairs[at + 1], pairs[at + 3]);
    }
    for (int at = 0; at < 4; ++at) {
        const __m512i low = _mm512_shuffle_i32x4(fours[at], fours[at + 4], 0x88),
                      high = _mm512_shuffle_i32x4(fours[at], fours[at + 4], 0xdd);
        const __m512i nextLow = _mm512_shuffle_i32x4(fours[at + 8], fours[at + 12], 0x88),
                      nextHigh = _mm512_shuffle_i32x4(fours[at + 8], fours[at + 12], 0xdd);
        rows[at] = _mm512_shuffle_i32x4(low, nextLow, 0x88);
        rows[at + 4] = _mm512_shuffle_i32x4(high, nextHigh, 0x88);
        rows[at + 8] = _mm512_shuffle_i32x4(low, nextLow, 0xdd);
        rows[at + 12] = _mm512_shuffle_i32x4(high, nextHigh, 0xdd);
    }
}

/// Which of 32 halves from `at` on lie before `count`.
__mmask32 halvesBefore(std::int64_t at, std::int64_t count) {
    const std::int64_t left = std::clamp<std::int64_t>(count - at, 0, halvesInTile);
    return left == halvesInTile ? 0xffffffffU : (1U << left) - 1;
}

/// Which of sixteen from `at` on lie before `count`.
__mmask16 someBefore(std::int64_t at, std::int64_t count) {
    return static_cast<__mmask16>((1U << std::clamp<std::int64_t>(count - at, 0, lanes)) - 1);
}

/// Keys as they lie, with zeros up to whole tiles.
LATHE_AVX512 void packKeys(const HalfHead& head, std::int64_t keys, std::int64_t features, std::uint16_t* packed) {
    for (std::int64_t key = 0; key < keys; ++key) {
        for (std::int64_t at = 0; at < features; at += halvesInTile) {
            const __m512i some =
                key < head.keys ? _mm512_maskz_loadu_epi16(halvesBefore(at, head.features), head.key.data + key * head.key.rowStride + at)
                                : _mm512_setzero_si512();
            _mm512_storeu_si512(packed + key * features + at, some);
        }
    }
}

/// For each feature pairs of keys, `keys` / 2 of them side by side, with zeros up to whole tiles.
LATHE_AVX512 void packValues(const HalfHead& head, std::int64_t keys, std::int64_t features, std::uint32_t* packed) {
    const std::int64_t pairs = keys / 2;
    for (std::int64_t pair = 0; pair < pairs; pair += pairsInTile) {
        for (std::int64_t feature = 0; feature < features; feature += lanes) {
            __m512i rows[lanes];
            for (std::int64_t at = 0; at < lanes; ++at) {
                const std::int64_t key = 2 * (pair + at);
                const auto half = [&](std::int64_t row) LATHE_AVX512 {
                    const __m256i some = row < head.keys ? _mm256_maskz_loadu_epi16(someBefore(feature, head.valueFeatures),
                                                                                    head.value.data + row * head.value.rowStride + feature)
                                                         : _mm256_setzero_si256();
                    return _mm512_cvtepu16_epi32(some);
                };
                rows[at] = _mm512_or_si512(half(key), _mm512_slli_epi32(half(key + 1), 16));
            }
            transpose(rows);
            for (std::int64_t at = 0; at < lanes; ++at)
                _mm512_storeu_si512(packed + (feature + at) * pairs + pair, rows[at]);
        }
    }
}

/// For each pair of features sixteen queries from `row` on.
LATHE_AVX512 void packQueries(const HalfHead& head, std::int64_t row, std::int64_t features, std::uint32_t* packed) {
    for (std::int64_t at = 0; at < features; at += halvesInTile) {
        __m512i rows[lanes];
        for (std::int64_t each = 0; each < lanes; ++each)
            rows[each] = row + each < head.rows ? _mm512_maskz_loadu_epi16(halvesBefore(at, head.features),
                                                                           head.query.data + (row + each) * head.query.rowStride + at)
                                                : _mm512_setzero_si512();
        transpose(rows);
        for (std::int64_t each = 0; each < lanes; ++each)
            _mm512_storeu_si512(packed + (at / 2 + each) * lanes, rows[each]);
    }
}

/// scores[key][query] = key · query, four tiles of keys at a time.
LATHE_TILES void multiplyKeys(const std::uint16_t* keys, const std::uint32_t* queries, std::int64_t keyCount, std::int64_t features,
                              float* scores) {
    constexpr int rowBytes = lanes * sizeof(float);
    const auto keyBytes = static_cast<int>(features * static_cast<std::int64_t>(sizeof(std::uint16_t)));
    for (std::int64_t key = 0; key < keyCount; key += 2 * lanes) {
        const std::uint16_t* first = keys + key * features;
        const std::uint16_t* second = first + lanes * features;
        _tile_zero(0);
        _tile_zero(1);
        for (std::int64_t at = 0; at < features; at += halvesInTile) {
            _tile_loadd(6, queries + at / 2 * lanes, rowBytes);
            _tile_loadd(4, first + at, keyBytes);
            _tile_loadd(5, second + at, keyBytes);
            _tile_dpbf16ps(0, 4, 6);
            _tile_dpbf16ps(1, 5, 6);
        }
        _tile_stored(0, scores + key * lanes, rowBytes);
        _tile_stored(1, scores + (key + lanes) * lanes, rowBytes);
    }
}

/// Adds pair by pair of what sixteen rows hold, times the pairs of sixteen queries. `rows`: `rowPairs` pairs from row to row.
LATHE_DOTS inline void addProducts(const std::uint32_t* rows, std::int64_t rowPairs, const std::uint32_t* queries, std::int64_t pairs,
                                   __m512 (&sums)[lanes]) {
    for (__m512& sum : sums)
        sum = _mm512_setzero_ps();
    for (std::int64_t pair = 0; pair < pairs; ++pair) {
        const auto query = reinterpret_cast<__m512bh>(_mm512_loadu_si512(queries + pair * lanes));
#pragma GCC unroll 16
        for (std::int64_t row = 0; row < lanes; ++row) {
            const auto same = reinterpret_cast<__m512bh>(_mm512_set1_epi32(static_cast<int>(rows[row * rowPairs + pair])));
            sums[row] = _mm512_dpbf16_ps(sums[row], query, same);
        }
    }
}

/// scores[key][query] = key · query.
LATHE_DOTS void multiplyKeysByDots(const std::uint16_t* keys, const std::uint32_t* queries, std::int64_t keyCount, std::int64_t features,
                                   float* scores) {
    for (std::int64_t key = 0; key < keyCount; key += lanes) {
        __m512 sums[lanes];
        addProducts(reinterpret_cast<const std::uint32_t*>(keys + key * features), features / 2, queries, features / 2, sums);
        for (std::int64_t each = 0; each < lanes; ++each)
            _mm512_storeu_ps(scores + (key + each) * lanes, sums[each]);
    }
}

/// The numbers of sixteen queries' masks for one key.
LATHE_AVX512 inline __m512 maskAt(const HalfHead& head, std::int64_t row, std::int64_t key, __m512i rowOffsets, __mmask16 some) {
    const float* from = head.mask + row * head.maskRowStride + key * head.maskKeyStride;
    if (head.maskRowStride == 0) return _mm512_set1_ps(*from);
    return _mm512_mask_i32gather_ps(_mm512_setzero_ps(), some, rowOffsets, from, sizeof(float));
}

/// Rounds to bfloat16, half to even; the bits stay in the upper half of each number.
LATHE_AVX512 inline __m512i roundedHigh(__m512 x) {
    const __m512i bits = _mm512_castps_si512(x);
    const __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
    return _mm512_add_epi32(_mm512_add_epi32(bits, _mm512_set1_epi32(0x7fff)), odd);
}

/// Makes weights of the scores of sixteen queries from `row` on: pairs of keys, zeros from the last key on.
LATHE_AVX512 void weigh(const HalfHead& head, std::int64_t row, std::int64_t keys, float* scores, std::uint32_t* weights) {
    const __m512 factor = _mm512_set1_ps(head.factor);
    const __mmask16 some = someBefore(row, head.rows);
    const __m512i rowOffsets = _mm512_mullo_epi32(_mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
                                                  _mm512_set1_epi32(static_cast<int>(head.maskRowStride)));
    __m512 peak = _mm512_set1_ps(-std::numeric_limits<float>::infinity());
    for (std::int64_t key = 0; key < head.keys; ++key) {
        __m512 score = _mm512_mul_ps(_mm512_loadu_ps(scores + key * lanes), factor);
        if (head.mask != nullptr) score = _mm512_add_ps(score, maskAt(head, row, key, rowOffsets, some));
        _mm512_storeu_ps(scores + key * lanes, score);
        peak = _mm512_max_ps(peak, score);
    }
    __m512 sum = _mm512_setzero_ps();
    for (std::int64_t key = 0; key < head.keys; ++key) {
        const __m512 weight = exponential(_mm512_sub_ps(_mm512_loadu_ps(scores + key * lanes), peak));
        _mm512_storeu_ps(scores + key * lanes, weight);
        sum = _mm512_add_ps(sum, weight);
    }
    const __m512 share = _mm512_div_ps(_mm512_set1_ps(1), sum);
    std::fill(scores + head.keys * lanes, scores + keys * lanes, 0.0F);
    const auto rounded = [&](std::int64_t key) LATHE_AVX512 {
        const __m512 weight = key < head.keys ? _mm512_mul_ps(_mm512_loadu_ps(scores + key * lanes), share) : _mm512_setzero_ps();
        return roundedHigh(weight);
    };
    for (std::int64_t pair = 0; pair < keys / 2; ++pair) {
        const __m512i high = _mm512_and_si512(rounded(2 * pair + 1), _mm512_set1_epi32(static_cast<int>(0xffff0000U)));
        _mm512_storeu_si512(weights + pair * lanes, _mm512_or_si512(_mm512_srli_epi32(rounded(2 * pair), 16), high));
    }
}

/// Stores sixteen features, from `feature` on, of the queries that there are from `row` on; a vector of `sums` holds one feature.
LATHE_AVX512 void storeSums(const HalfHead& head, std::int64_t row, std::int64_t feature, __m512i (&sums)[lanes]) {
    transpose(sums);
    const __mmask16 some = someBefore(feature, head.valueFeatures);
    for (std::int64_t at = 0; at < std::min(lanes, head.rows - row); ++at)
        _mm512_mask_storeu_ps(head.result + (row + at) * head.resultStride + feature, some, _mm512_castsi512_ps(sums[at]));
}

/// Sums values by weight.
LATHE_DOTS void sumValuesByDots(const HalfHead& head, std::int64_t row, const std::uint32_t* values, const std::uint32_t* weights,
                                std::int64_t pairs) {
    for (std::int64_t feature = 0; feature < head.valueFeatures; feature += lanes) {
        __m512 sums[lanes];
        addProducts(values + feature * pairs, pairs, weights, pairs, sums);
        __m512i features[lanes];
        for (std::int64_t at = 0; at < lanes; ++at)
            features[at] = _mm512_castps_si512(sums[at]);
        storeSums(head, row, feature, features);
    }
}

/// Sums values by weight.
LATHE_TILES void sumValues(const HalfHead& head, std::int64_t row, const std::uint32_t* values, const std::uint32_t* weights,
                           std::int64_t pairs) {
    constexpr int rowBytes = lanes * sizeof(float);
    const auto valueBytes = static_cast<int>(pairs * static_cast<std::int64_t>(sizeof(std::uint32_t)));
    alignas(64) float sums[lanes * lanes];
    for (std::int64_t feature = 0; feature < head.valueFeatures; feature += lanes) {
        _tile_zero(2);
        for (std::int64_t pair = 0; pair < pairs; pair += pairsInTile) {
            _tile_loadd(6, weights + pair * lanes, rowBytes);
            _tile_loadd(4, values + feature * pairs + pair, valueBytes);
            _tile_dpbf16ps(2, 4, 6);
        }
        _tile_stored(2, sums, rowBytes);
        __m512i rows[lanes];
        for (std::int64_t at = 0; at < lanes; ++at)
            rows[at] = _mm512_castps_si512(_mm512_load_ps(sums + at * lanes));
        storeSums(head, row, feature, rows);
    }
}

LATHE_TILES void releaseTiles() { _tile_release(); }

} // namespace

std::optional<HalfProducts> bestHalfProducts() {
    static const auto best = []() -> std::optional<HalfProducts> {
        const bool hasVectors = mayUseAvx512() && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
                                __builtin_cpu_supports("avx512vl");
        if (!hasVectors) return std::nullopt;
        if (__builtin_cpu_supports("amx-tile") && __builtin_cpu_supports("amx-bf16") && askSystemForTiles())
            return HalfProducts::MatrixTiles;
        return __builtin_cpu_supports("avx512bf16") ? std::optional(HalfProducts::DotProducts) : std::nullopt;
    }();
    return best;
}

void AttentionTiles::run(const HalfHead& head) {
    const std::int64_t keys = wholeTiles(head.keys, 2 * lanes), features = wholeTiles(head.features, halvesInTile),
                       valueFeatures = wholeTiles(head.valueFeatures, lanes);
    const auto atLeast = [](auto& memory, std::int64_t count) {
        if (static_cast<std::int64_t>(memory.size()) < count) memory.resize(static_cast<std::size_t>(count));
        return memory.data();
    };
    std::uint16_t* packedKeys = atLeast(m_keys, keys * features);
    std::uint32_t* packedValues = atLeast(m_values, valueFeatures * keys / 2);
    std::uint32_t* queries = atLeast(m_queries, features / 2 * lanes);
    float* scores = atLeast(m_scores, keys * lanes);
    std::uint32_t* weights = atLeast(m_weights, keys / 2 * lanes);
    packKeys(head, keys, features, packedKeys);
    packValues(head, keys, valueFeatures, packedValues);
    const bool hasTiles = m_products == HalfProducts::MatrixTiles;
    if (hasTiles) configureTiles();
    for (std::int64_t row = 0; row < head.rows; row += lanes) {
        packQueries(head, row, features, queries);
        (hasTiles ? multiplyKeys : multiplyKeysByDots)(packedKeys, queries, keys, features, scores);
        weigh(head, row, keys, scores, weights);
        (hasTiles ? sumValues : sumValuesByDots)(head, row, packedValues, weights, keys / 2);
    }
    if (hasTiles) releaseTiles();
}

#else

std::optional<HalfProducts> bestHalfProducts() { return std::nullopt; }
void AttentionTiles::run(const HalfHead&) {}

#endif

} // namespace lathe::runtime
