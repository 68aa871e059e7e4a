#include <core/runtime/kernels/cpu/int8_kernel.h>

#include <algorithm>
#include <array>
#include <cmath>

#include <immintrin.h>

namespace lathe::runtime {

Int8Instructions int8Instructions() {
    static const bool hasAvx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    return hasAvx2 ? Int8Instructions::Avx2 : Int8Instructions::Portable;
}

Int8Weights::Int8Weights(const ConvolutionShape& shape, std::span<const std::int16_t> weights) : m_shape(shape) {
    const std::int64_t inPerGroup = shape.inChannels / shape.groups;
    const std::int64_t outPerGroup = shape.outChannels / shape.groups;
    m_wholeRows = shape.groups == 1 && shape.window.dilationWidth == 1;
    m_segments = m_wholeRows ? shape.window.kernelHeight : shape.window.kernelHeight * shape.window.kernelWidth;
    m_pairs = ((m_wholeRows ? shape.window.kernelWidth : 1) * inPerGroup + 1) / 2;
    m_blocks = (outPerGroup + 7) / 8;
    m_packed.assign(static_cast<std::size_t>(shape.groups * m_blocks * m_segments * m_pairs * 16), 0);
    for (std::int64_t out = 0; out < shape.outChannels; ++out) {
        const std::int64_t group = out / outPerGroup;
        const std::int64_t channel = out % outPerGroup;
        std::int16_t* target = m_packed.data() + (group * m_blocks + channel / 8) * m_segments * m_pairs * 16;
        for (std::int64_t y = 0; y < shape.window.kernelHeight; ++y) {
            for (std::int64_t x = 0; x < shape.window.kernelWidth; ++x) {
                for (std::int64_t in = 0; in < inPerGroup; ++in) {
                    const std::int64_t segment = m_wholeRows ? y : y * shape.window.kernelWidth + x;
                    const std::int64_t position = m_wholeRows ? x * inPerGroup + in : in;
                    const std::int64_t index = ((segment * m_pairs + position / 2) * 8 + channel % 8) * 2 + position % 2;
                    target[index] = weights[static_cast<std::size_t>(
                        ((out * inPerGroup + in) * shape.window.kernelHeight + y) * shape.window.kernelWidth + x)];
                }
            }
        }
    }
}

std::vector<std::int64_t> Int8Weights::segmentOffsets(std::int64_t rowStride) const {
    std::vector<std::int64_t> offsets;
    const std::int64_t columns = m_wholeRows ? 1 : m_shape.window.kernelWidth;
    for (std::int64_t y = 0; y < m_shape.window.kernelHeight; ++y) {
        for (std::int64_t x = 0; x < columns; ++x)
            offsets.push_back(y * m_shape.window.dilationHeight * rowStride + x * m_shape.window.dilationWidth * m_shape.inChannels);
    }
    return offsets;
}

void widen(const std::uint8_t* bytes, std::int64_t count, std::int32_t zeroPoint, std::int16_t* out) {
    for (std::int64_t index = 0; index < count; ++index)
        out[index] = static_cast<std::int16_t>(bytes[index] - zeroPoint);
}

namespace {

/// Pixels and blocks of channels that are summed at once: what fits into 16 registers.
constexpr std::int64_t tileRows = 4;
constexpr std::int64_t tileBlocks = 2;

/// Inputs of a tile: up to four pixels that are `step` elements apart.
struct Tile {
    const std::int16_t* input;
    std::int64_t step;
    const std::int16_t* weights; ///< of the first block; the second follows
    std::int64_t blockSize;
    std::span<const std::int64_t> segments;
    std::int64_t pairs;
};

void sumPortable(const Tile& tile, std::int64_t rows, std::int64_t blocks, std::int32_t* sums) {
    std::fill_n(sums, tileRows * tileBlocks * 8, 0);
    for (std::int64_t row = 0; row < rows; ++row) {
        for (std::int64_t block = 0; block < blocks; ++block) {
            const std::int16_t* weight = tile.weights + block * tile.blockSize;
            for (const std::int64_t segment : tile.segments) {
                const std::int16_t* input = tile.input + row * tile.step + segment;
                for (std::int64_t pair = 0; pair < tile.pairs; ++pair, weight += 16) {
                    for (std::int64_t channel = 0; channel < 8; ++channel) {
                        sums[(row * tileBlocks + block) * 8 + channel] +=
                            input[2 * pair] * weight[2 * channel] + input[2 * pair + 1] * weight[2 * channel + 1];
                    }
                }
            }
        }
    }
}

void storePortable(const std::int32_t* sums, std::int64_t channel, std::int64_t count, std::int64_t position, float rowFactor,
                   const Int8Output& output) {
    for (std::int64_t index = 0; index < count; ++index) {
        const auto at = static_cast<std::size_t>(channel + index);
        // One rounding, as the vector form has: a fused multiply-add.
        const float value = std::fma(static_cast<float>(sums[index]), output.factor[at] * rowFactor, output.offset[at]);
        const float limited = std::min(std::max(value, output.low), output.high);
        if (output.floats)
            output.floats[position + index] = limited;
        else
            output.bytes[position + index] =
                static_cast<std::uint8_t>(static_cast<std::int32_t>(std::nearbyintf(limited)) + output.zeroPoint);
    }
}

template<int Rows, int Blocks>
__attribute__((target("avx2,fma"))) void sumAvx2(const Tile& tile, __m256i* sums) {
    __m256i total[Rows][Blocks];
    for (int row = 0; row < Rows; ++row) {
        for (int block = 0; block < Blocks; ++block)
            total[row][block] = _mm256_setzero_si256();
    }
    const std::int16_t* weight = tile.weights;
    for (const std::int64_t segment : tile.segments) {
        const std::int16_t* input = tile.input + segment;
        for (std::int64_t pair = 0; pair < tile.pairs; ++pair, weight += 16, input += 2) {
            __m256i packed[Blocks];
            for (int block = 0; block < Blocks; ++block)
                packed[block] = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(weight + block * tile.blockSize));
            for (int row = 0; row < Rows; ++row) {
                std::int32_t two;
                __builtin_memcpy(&two, input + row * tile.step, sizeof(two));
                const __m256i inputs = _mm256_set1_epi32(two);
                for (int block = 0; block < Blocks; ++block)
                    total[row][block] = _mm256_add_epi32(total[row][block], _mm256_madd_epi16(inputs, packed[block]));
            }
        }
    }
    for (int row = 0; row < Rows; ++row) {
        for (int block = 0; block < Blocks; ++block)
            sums[row * tileBlocks + block] = total[row][block];
    }
}

/// Eight sums of channels from `channel` on as limited floats.
__attribute__((target("avx2,fma"))) inline __m256 scaledAvx2(__m256i sums, std::int64_t channel, float rowFactor,
                                                             const Int8Output& output) {
    const __m256 factor = _mm256_mul_ps(_mm256_loadu_ps(output.factor.data() + channel), _mm256_set1_ps(rowFactor));
    const __m256 offset = _mm256_loadu_ps(output.offset.data() + channel);
    const __m256 value = _mm256_fmadd_ps(_mm256_cvtepi32_ps(sums), factor, offset);
    return _mm256_min_ps(_mm256_max_ps(value, _mm256_set1_ps(output.low)), _mm256_set1_ps(output.high));
}

/// Eight floats as bytes, in the low half.
__attribute__((target("avx2,fma"))) inline __m128i bytesAvx2(__m256 value, const Int8Output& output) {
    const __m256i rounded = _mm256_add_epi32(_mm256_cvtps_epi32(value), _mm256_set1_epi32(output.zeroPoint));
    const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(rounded), _mm256_extracti128_si256(rounded, 1));
    return _mm_packus_epi16(words, words);
}

__attribute__((target("avx2,fma"))) void storeAvx2(__m256i sums, std::int64_t channel, std::int64_t position, float rowFactor,
                                                   const Int8Output& output) {
    const __m256 value = scaledAvx2(sums, channel, rowFactor, output);
    if (output.floats) {
        _mm256_storeu_ps(output.floats + position, value);
    } else {
        _mm_storel_epi64(reinterpret_cast<__m128i*>(output.bytes + position), bytesAvx2(value, output));
    }
}

/// Fewer than eight channels: computed as eight, of which only `count` are kept. Writing all would run into the next pixel, which another
/// thread may already have written.
__attribute__((target("avx2,fma"))) void storePartAvx2(__m256i sums, std::int64_t channel, std::int64_t count, std::int64_t position,
                                                       float rowFactor, const Int8Output& output) {
    const __m256 value = scaledAvx2(sums, channel, rowFactor, output);
    if (output.floats) {
        alignas(32) std::array<float, 8> eight;
        _mm256_store_ps(eight.data(), value);
        std::copy_n(eight.data(), count, output.floats + position);
    } else {
        alignas(16) std::array<std::uint8_t, 16> eight;
        _mm_store_si128(reinterpret_cast<__m128i*>(eight.data()), bytesAvx2(value, output));
        std::copy_n(eight.data(), count, output.bytes + position);
    }
}

using SumAvx2 = void (*)(const Tile&, __m256i*);
constexpr SumAvx2 avx2Sums[tileRows][tileBlocks] = {
    {sumAvx2<1, 1>, sumAvx2<1, 2>}, {sumAvx2<2, 1>, sumAvx2<2, 2>}, {sumAvx2<3, 1>, sumAvx2<3, 2>}, {sumAvx2<4, 1>, sumAvx2<4, 2>}};

/// How many channels past the last one of a pixel may be written: they belong to the next pixel, which is written afterwards.
enum class Overrun { Allowed, Forbidden };

__attribute__((target("avx2,fma"))) void runTileAvx2(const Tile& tile, std::int64_t rows, std::int64_t blocks, std::int64_t channel,
                                                     std::int64_t lastChannel, std::int64_t firstRow, std::int64_t outStride,
                                                     const Int8Output& output, Overrun overrun) {
    __m256i sums[tileRows * tileBlocks];
    avx2Sums[rows - 1][blocks - 1](tile, sums);
    for (std::int64_t row = 0; row < rows; ++row) {
        const float rowFactor = output.rowFactor ? output.rowFactor[firstRow + row] : 1.0f;
        for (std::int64_t block = 0; block < blocks; ++block) {
            const std::int64_t first = channel + block * 8;
            const std::int64_t count = std::min<std::int64_t>(8, lastChannel - first);
            const std::int64_t at = (firstRow + row) * outStride + first;
            if (count == 8 || overrun == Overrun::Allowed)
                storeAvx2(sums[row * tileBlocks + block], first, at, rowFactor, output);
            else
                storePartAvx2(sums[row * tileBlocks + block], first, count, at, rowFactor, output);
        }
    }
}

void runTilePortable(const Tile& tile, std::int64_t rows, std::int64_t blocks, std::int64_t channel, std::int64_t lastChannel,
                     std::int64_t firstRow, std::int64_t outStride, const Int8Output& output, Overrun) {
    std::array<std::int32_t, tileRows * tileBlocks * 8> sums;
    sumPortable(tile, rows, blocks, sums.data());
    for (std::int64_t row = 0; row < rows; ++row) {
        const float rowFactor = output.rowFactor ? output.rowFactor[firstRow + row] : 1.0f;
        for (std::int64_t block = 0; block < blocks; ++block) {
            const std::int64_t first = channel + block * 8;
            storePortable(sums.data() + (row * tileBlocks + block) * 8, first, std::min<std::int64_t>(8, lastChannel - first),
                          (firstRow + row) * outStride + first, rowFactor, output);
        }
    }
}

/// `rows` pixels or rows, `step` elements apart, through all channels. Channels are outside, so that their weights stay in the nearest
/// cache.
void runRows(const Int8Weights& weights, const std::int16_t* inputs, std::int64_t step, std::int64_t rows,
             std::span<const std::int64_t> segments, const Int8Output& output, Int8Instructions instructions) {
    const ConvolutionShape& shape = weights.shape();
    const std::int64_t outPerGroup = shape.outChannels / shape.groups;
    const std::int64_t inPerGroup = shape.inChannels / shape.groups;
    const std::int64_t blockSize = weights.segments() * weights.pairs() * 16;
    const auto runTile = instructions == Int8Instructions::Avx2 ? runTileAvx2 : runTilePortable;
    // With all channels in one tile, pixels are written in order, and what runs over is overwritten, but for the last pixels: eight of
    // them, so that no overrun of up to seven channels reaches past the end.
    const bool writesInOrder = shape.groups == 1 && weights.blocksPerGroup() <= tileBlocks;
    const std::int64_t exactRows = 8;
    for (std::int64_t group = 0; group < shape.groups; ++group) {
        for (std::int64_t block = 0; block < weights.blocksPerGroup(); block += tileBlocks) {
            const std::int64_t blocks = std::min(tileBlocks, weights.blocksPerGroup() - block);
            const std::int64_t channel = group * outPerGroup + block * 8;
            for (std::int64_t row = 0; row < rows; row += tileRows) {
                const Tile tile{
                    inputs + group * inPerGroup + row * step, step, weights.block(group, block), blockSize, segments, weights.pairs()};
                const Overrun overrun = writesInOrder && row + tileRows + exactRows <= rows ? Overrun::Allowed : Overrun::Forbidden;
                runTile(tile, std::min(tileRows, rows - row), blocks, channel, (group + 1) * outPerGroup, row, shape.outChannels, output,
                        overrun);
            }
        }
    }
}

} // namespace

void convolveRow(const Int8Weights& weights, const std::int16_t* image, std::span<const std::int64_t> segments, std::int64_t pixels,
                 const Int8Output& output, Int8Instructions instructions) {
    runRows(weights, image, weights.shape().window.strideWidth * weights.shape().inChannels, pixels, segments, output, instructions);
}

void linearRows(const Int8Weights& weights, const std::int16_t* inputs, std::int64_t rowStride, std::int64_t rows, const Int8Output& output,
                Int8Instructions instructions) {
    constexpr std::array<std::int64_t, 1> whole = {0};
    runRows(weights, inputs, rowStride, rows, whole, output, instructions);
}

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

__attribute__((target("avx2,fma"))) std::int64_t quantizeAvx2(const float* values, std::int64_t count, float inverseScale,
                                                              std::int32_t zeroPoint, std::int32_t minimum, std::int32_t maximum,
                                                              std::uint8_t* out) {
    const __m256 inverse = _mm256_set1_ps(inverseScale);
    const __m256 low = _mm256_set1_ps(static_cast<float>(minimum - zeroPoint));
    const __m256 high = _mm256_set1_ps(static_cast<float>(maximum - zeroPoint));
    const __m256i shift = _mm256_set1_epi32(zeroPoint);
    std::int64_t index = 0;
    for (; index + 8 <= count; index += 8) {
        __m256 scaled = _mm256_mul_ps(_mm256_loadu_ps(values + index), inverse);
        scaled = _mm256_and_ps(scaled, _mm256_cmp_ps(scaled, scaled, _CMP_ORD_Q));
        scaled = _mm256_min_ps(_mm256_max_ps(scaled, low), high);
        const __m256i rounded = _mm256_add_epi32(_mm256_cvtps_epi32(scaled), shift);
        const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(rounded), _mm256_extracti128_si256(rounded, 1));
        _mm_storel_epi64(reinterpret_cast<__m128i*>(out + index), _mm_packus_epi16(words, words));
    }
    return index;
}

} // namespace

namespace {

void extendPortable(const float* values, std::int64_t count, FloatRange& range) {
    for (std::int64_t index = 0; index < count; ++index) {
        range.low = std::min(range.low, values[index]);
        range.high = std::max(range.high, values[index]);
        range.isFinite = range.isFinite && std::isfinite(values[index]);
    }
}

__attribute__((target("avx2,fma"))) std::int64_t extendAvx2(const float* values, std::int64_t count, FloatRange& range) {
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
    const std::int64_t done = instructions == Int8Instructions::Avx2 ? extendAvx2(values, count, range) : 0;
    extendPortable(values + done, count - done, range);
    return range;
}

void quantizeFloats(const float* values, std::int64_t count, float inverseScale, std::int32_t zeroPoint, std::int32_t minimum,
                    std::int32_t maximum, std::uint8_t* out, Int8Instructions instructions) {
    std::int64_t done = 0;
    if (instructions == Int8Instructions::Avx2) done = quantizeAvx2(values, count, inverseScale, zeroPoint, minimum, maximum, out);
    quantizePortable(values + done, count - done, inverseScale, zeroPoint, minimum, maximum, out + done);
}

} // namespace lathe::runtime
