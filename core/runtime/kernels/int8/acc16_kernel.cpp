#include <core/runtime/kernels/int8/acc16_kernel.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <vector>

#include <core/runtime/kernels/int8/int8_store_avx2.h>

namespace lathe::runtime {

namespace {

using avx2::lanes;

/// As vectors of numbers: GCC keeps that many __m256i in memory.
using Sums = std::int32_t __attribute__((vector_size(32)));
using ShortSums = std::int16_t __attribute__((vector_size(32)));

/// Sums of both sizes stay in registers.
constexpr int mostSums = 6;

/// What belongs to the channels of a block.
template<int Vectors>
struct Channels {
    std::int64_t first, count;                    ///< of those that there are
    __m256i ofWeights[Vectors], missing[Vectors]; ///< sums of weights; what each pixel's sums begin with
    __m256 factor[Vectors], offset[Vectors];
};

template<int Vectors>
LATHE_AVX2 Channels<Vectors> channelsOf(const Acc16Weights& weights, std::int64_t first, Int8InputZeroPoint zeroPoint,
                                        const Int8Output& output) {
    Channels<Vectors> channels{first, std::min(Vectors * lanes, weights.shape().outChannels - first), {}, {}, {}, {}};
    const __m256i zero = _mm256_set1_epi32(zeroPoint.perRow ? 0 : zeroPoint.value);
    for (int vector = 0; vector < Vectors; ++vector) {
        const std::int64_t channel = first + vector * lanes;
        channels.ofWeights[vector] = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(weights.channelSums().data() + channel));
        const __m256i ofStarts = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(weights.startSums().data() + channel));
        const __m256i surplus = _mm256_add_epi32(ofStarts, _mm256_mullo_epi32(zero, channels.ofWeights[vector]));
        channels.missing[vector] = _mm256_sub_epi32(_mm256_setzero_si256(), surplus);
        channels.factor[vector] = _mm256_loadu_ps(output.factor.data() + channel);
        channels.offset[vector] = _mm256_loadu_ps(output.offset.data() + channel);
    }
    return channels;
}

/// The sums of some pixels, in registers.
template<int Pixels, int Vectors>
struct Tile {
    Sums sums[Pixels][Vectors];
};

template<int Pixels, int Vectors>
LATHE_AVX2 __attribute__((always_inline)) inline Tile<Pixels, Vectors> sum(const Acc16Weights::Block& block,
                                                                           const Channels<Vectors>& channels, const std::uint8_t* inputs,
                                                                           const std::int64_t* pixels, const std::int64_t* steps) {
    Tile<Pixels, Vectors> total;
    const std::uint8_t* input[Pixels];
    for (int pixel = 0; pixel < Pixels; ++pixel) {
        input[pixel] = inputs + pixels[pixel];
        for (int vector = 0; vector < Vectors; ++vector)
            total.sums[pixel][vector] = reinterpret_cast<Sums>(channels.missing[vector]);
    }
    const std::int8_t* weight = block.weights;
    const std::int16_t* start = block.starts;
    const __m256i ones = _mm256_set1_epi16(1);
    for (const std::uint8_t length : block.lengths) {
        ShortSums part[Pixels][Vectors];
        for (int vector = 0; vector < Vectors; ++vector, start += 2 * lanes) {
            const auto first = reinterpret_cast<ShortSums>(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(start)));
            for (int pixel = 0; pixel < Pixels; ++pixel)
                part[pixel][vector] = first;
        }
        for (std::uint8_t step = 0; step < length; ++step, ++steps) {
            __m256i packed[Vectors];
            for (int vector = 0; vector < Vectors; ++vector, weight += 4 * lanes)
                packed[vector] = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(weight));
            for (int pixel = 0; pixel < Pixels; ++pixel) {
                std::int32_t four;
                std::memcpy(&four, input[pixel] + *steps, sizeof(four));
                const __m256i bytes = _mm256_set1_epi32(four);
                for (int vector = 0; vector < Vectors; ++vector)
                    part[pixel][vector] += reinterpret_cast<ShortSums>(_mm256_maddubs_epi16(bytes, packed[vector]));
            }
        }
        for (int pixel = 0; pixel < Pixels; ++pixel) {
            for (int vector = 0; vector < Vectors; ++vector) {
                const auto both = reinterpret_cast<__m256i>(part[pixel][vector]);
                total.sums[pixel][vector] += reinterpret_cast<Sums>(_mm256_madd_epi16(both, ones));
            }
        }
    }
    return total;
}

/// `at`: the output's element of the first channel. `mayOverrun`: may channels behind the last one be written?
template<int Vectors>
LATHE_AVX2 void store(const Channels<Vectors>& channels, const Sums* sums, std::int64_t pixel, std::int64_t at, bool mayOverrun,
                      const std::int32_t* zeroPoints, const Int8Output& output) {
    __m256 values[Vectors];
    for (int vector = 0; vector < Vectors; ++vector) {
        auto sum = reinterpret_cast<__m256i>(sums[vector]);
        __m256 factor = channels.factor[vector];
        if (zeroPoints) sum = _mm256_sub_epi32(sum, _mm256_mullo_epi32(_mm256_set1_epi32(zeroPoints[pixel]), channels.ofWeights[vector]));
        if (output.rowFactor) factor = _mm256_mul_ps(factor, _mm256_set1_ps(output.rowFactor[pixel]));
        values[vector] = avx2::scaled(sum, factor, channels.offset[vector], channels.count - vector * lanes, at + vector * lanes, output);
    }
    if constexpr (Vectors == 2) {
        if (channels.count == 2 * lanes || mayOverrun) return avx2::storeBoth(values[0], values[1], at, output);
    }
    for (int vector = 0; vector < Vectors; ++vector) {
        const std::int64_t count = channels.count - vector * lanes;
        if (count >= lanes || mayOverrun)
            avx2::store(values[vector], at + vector * lanes, output);
        else
            avx2::storePart(values[vector], count, at + vector * lanes, output);
    }
}

/// Pixels of one block.
template<int Vectors>
struct Work {
    Acc16Weights::Block block;
    Channels<Vectors> channels;
    const std::uint8_t* inputs;
    const std::int64_t *pixels, *steps;
    std::int64_t distance;          ///< elements of the output from pixel to pixel
    std::int64_t overrunEnd;        ///< pixels before it may be written over behind their last channel
    const std::int32_t* zeroPoints; ///< of each pixel, or null
    Int8Output output;              ///< a copy that no byte which is written could be part of
    std::optional<avx2::ByteStore> bytes;
};

/// `tiles` of so many pixels, from pixel `first` on.
template<int Pixels, int Vectors>
LATHE_AVX2 void multiplyTiles(const Work<Vectors>& work, std::int64_t first, std::int64_t tiles) {
    const std::int64_t end = first + tiles * Pixels;
    std::int64_t at = first * work.distance + work.channels.first;
    if (work.bytes) {
        const avx2::ByteStore bytes = *work.bytes;
        for (; first < end; first += Pixels) {
            const auto tile = sum<Pixels, Vectors>(work.block, work.channels, work.inputs, work.pixels + first, work.steps);
            for (int pixel = 0; pixel < Pixels; ++pixel, at += work.distance)
                bytes.store<Vectors>(tile.sums[pixel], work.channels.factor, work.channels.offset, at);
        }
        return;
    }
    for (; first < end; first += Pixels) {
        const auto tile = sum<Pixels, Vectors>(work.block, work.channels, work.inputs, work.pixels + first, work.steps);
        for (int pixel = 0; pixel < Pixels; ++pixel, at += work.distance)
            store<Vectors>(work.channels, tile.sums[pixel], first + pixel, at, first + pixel < work.overrunEnd, work.zeroPoints,
                           work.output);
    }
}

template<int Vectors>
using MultiplyTiles = void (*)(const Work<Vectors>&, std::int64_t, std::int64_t);
template<int Vectors>
constexpr MultiplyTiles<Vectors> tilesOfHeight[] = {multiplyTiles<1, 2>, multiplyTiles<2, 2>, multiplyTiles<3, 2>};
template<>
constexpr MultiplyTiles<1> tilesOfHeight<1>[] = {multiplyTiles<1, 1>, multiplyTiles<2, 1>, multiplyTiles<3, 1>,
                                                 multiplyTiles<4, 1>, multiplyTiles<5, 1>, multiplyTiles<6, 1>};

template<int Vectors>
LATHE_AVX2 void multiplyBlock(const Acc16Weights& weights, std::int64_t index, const std::uint8_t* inputs,
                              std::span<const std::int64_t> pixels, std::span<const std::int64_t> steps, Int8InputZeroPoint zeroPoint,
                              const Int8Output& output) {
    const Acc16Weights::Block block = weights.block(index);
    const auto count = static_cast<std::int64_t>(pixels.size()), outChannels = weights.shape().outChannels;
    Work<Vectors> work{block,
                       channelsOf<Vectors>(weights, index * weights.blockChannels(), zeroPoint, output),
                       inputs,
                       pixels.data(),
                       steps.data() + block.firstStep,
                       outChannels,
                       0,
                       zeroPoint.perRow,
                       output,
                       {}};
    const Channels<Vectors>& channels = work.channels;
    // With all channels in one block, pixels are written in order, and what runs over is overwritten, but for the last ones.
    const std::int64_t overrun = channels.first + Vectors * lanes - outChannels;
    work.overrunEnd = channels.first == 0 ? count - (overrun + outChannels - 1) / outChannels : 0;
    if (channels.count == Vectors * lanes && !zeroPoint.perRow)
        work.bytes = avx2::ByteStore::of<Vectors>(output, channels.first, weights.shape().productsPerResult() * largestProduct);
    // As few tiles as there can be, all about as high.
    constexpr std::int64_t atOnce = mostSums / Vectors;
    if (count == 0) return;
    const std::int64_t tiles = (count + atOnce - 1) / atOnce, height = count / tiles, higher = count % tiles;
    if (higher > 0) tilesOfHeight<Vectors>[height](work, 0, higher);
    tilesOfHeight<Vectors>[height - 1](work, higher * (height + 1), tiles - higher);
}

} // namespace

void multiplyAcc16(const Acc16Weights& weights, const std::uint8_t* inputs, std::span<const std::int64_t> pixels,
                   std::span<const std::int64_t> steps, ItemRange blocks, Int8InputZeroPoint zeroPoint, const Int8Output& output) {
    for (std::int64_t block = blocks.begin; block < blocks.end; ++block) {
        const auto multiply = weights.block(block).vectors == 1 ? multiplyBlock<1> : multiplyBlock<2>;
        multiply(weights, block, inputs, pixels, steps, zeroPoint, output);
    }
}

void linearRows(const Acc16Weights& weights, const std::uint8_t* inputs, std::int64_t rowStride, std::int64_t rows, ItemRange blocks,
                Int8InputZeroPoint zeroPoint, const Int8Output& output) {
    thread_local std::vector<std::int64_t> offsets;
    offsets.resize(static_cast<std::size_t>(rows));
    for (std::int64_t row = 0; row < rows; ++row)
        offsets[static_cast<std::size_t>(row)] = row * rowStride;
    multiplyAcc16(weights, inputs, offsets, weights.offsetsInRow(), blocks, zeroPoint, output);
}

} // namespace lathe::runtime
