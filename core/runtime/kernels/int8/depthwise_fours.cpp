#include <core/runtime/kernels/int8/depthwise_fours.h>

#include <algorithm>
#include <array>
#include <utility>

#include <core/runtime/kernels/int8/depthwise_kernel.h>
#include <core/runtime/kernels/int8/int8_store_avx2.h>
#include <core/runtime/kernels/int8/int8_store_vnni.h>

namespace lathe::runtime {

namespace {

constexpr std::int64_t blockChannels = DepthwiseFours::blockChannels, vectors = 4, inputsOfStep = 4;

/// Where a channel of a block stands among its sums: vector · 8 + lane, as two rounds of unpacking order them.
constexpr std::int64_t placeOf(std::int64_t channel) {
    const std::int64_t half = channel / 16, vector = channel % 16 / 4;
    return vector * 8 + half * 4 + channel % 4;
}

struct Row {
    const std::uint8_t* image; ///< at the block's first channel
    std::int64_t pixelStride;  ///< bytes from pixel to pixel
    std::span<const std::int64_t> offsets;
    std::int64_t pixels;
    std::int32_t zeroPoint;
};

/// Numbers of a block's channels in the order of the sums.
struct Ordered {
    LATHE_VNNI_INLINE explicit Ordered(const float* channels) {
        for (std::int64_t vector = 0; vector < vectors; ++vector)
            of[vector] = _mm256_set_m128(_mm_loadu_ps(channels + 16 + 4 * vector), _mm_loadu_ps(channels + 4 * vector));
    }
    __m256 of[vectors];
};

/// Stores the 32 channels of a pixel as bytes: all that counts is in registers, and bytes come out in their order.
class BlockStore {
public:
    LATHE_VNNI_INLINE BlockStore(const Int8Output& output, std::int64_t firstChannel, std::int64_t /*channels*/)
        : m_factor(output.factor.data() + firstChannel), m_offset(output.offset.data() + firstChannel), m_limits(output),
          m_to(output.bytes + firstChannel) {}

    LATHE_VNNI_INLINE void store(const __m256i* sums, std::int64_t at) const {
        const auto rounded = [&](int vector) LATHE_VNNI {
            return _mm256_cvtps_epi32(_mm256_fmadd_ps(_mm256_cvtepi32_ps(sums[vector]), m_factor.of[vector], m_offset.of[vector]));
        };
        const __m256i bytes = _mm256_packus_epi16(m_limits.words(rounded(0), rounded(1)), m_limits.words(rounded(2), rounded(3)));
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(m_to + at), m_limits.limited(bytes));
    }

private:
    Ordered m_factor, m_offset;
    avx2::ByteLimits m_limits;
    std::uint8_t* m_to;
};

/// Stores what else there is: floats, residuals, fewer channels.
class AnyStore {
public:
    AnyStore(const Int8Output& output, std::int64_t firstChannel, std::int64_t channels)
        : m_output(output), m_first(firstChannel), m_channels(channels) {}

    LATHE_VNNI void store(const __m256i* sums, std::int64_t at) const {
        const __m256i inOrder[vectors] = {
            _mm256_permute2x128_si256(sums[0], sums[1], 0x20), _mm256_permute2x128_si256(sums[2], sums[3], 0x20),
            _mm256_permute2x128_si256(sums[0], sums[1], 0x31), _mm256_permute2x128_si256(sums[2], sums[3], 0x31)};
        for (std::int64_t vector = 0; vector * avx2::lanes < m_channels; ++vector) {
            const std::int64_t channel = m_first + vector * avx2::lanes;
            const std::int64_t count = std::min(avx2::lanes, m_channels - vector * avx2::lanes);
            const __m256 value = avx2::scaled(inOrder[vector], channel, count, at + channel, 1.0F, m_output);
            if (count == avx2::lanes)
                avx2::store(value, at + channel, m_output);
            else
                avx2::storePart(value, count, at + channel, m_output);
        }
    }

private:
    const Int8Output& m_output;
    std::int64_t m_first, m_channels;
};

/// The inputs of a step: four of each channel, side by side.
struct Inputs {
    LATHE_VNNI_INLINE Inputs(const std::uint8_t* from, const std::int64_t* offsets) {
        const auto load = [&](int input) LATHE_VNNI { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from + offsets[input])); };
        const __m256i first = load(0), second = load(1), third = load(2), fourth = load(3);
        const __m256i low = _mm256_unpacklo_epi8(first, second), high = _mm256_unpackhi_epi8(first, second);
        const __m256i lowBehind = _mm256_unpacklo_epi8(third, fourth), highBehind = _mm256_unpackhi_epi8(third, fourth);
        of[0] = _mm256_unpacklo_epi16(low, lowBehind);
        of[1] = _mm256_unpackhi_epi16(low, lowBehind);
        of[2] = _mm256_unpacklo_epi16(high, highBehind);
        of[3] = _mm256_unpackhi_epi16(high, highBehind);
    }
    __m256i of[vectors];
};

/// The sums of `Pixels` pixels side by side. `weights`: of the block, with those of two pixels where `Stride` is 2. `Steps`: how many there
/// are, so that sums stay in their registers; 0: as many as `offsets` are for.
template<int Pixels, int Stride, int Steps>
LATHE_VNNI_INLINE void sum(const std::uint8_t* from, std::span<const std::int64_t> offsets, const std::int8_t* weights,
                           const __m256i* start, __m256i (*sums)[vectors]) {
    for (int pixel = 0; pixel < Pixels; ++pixel)
        for (std::int64_t vector = 0; vector < vectors; ++vector)
            sums[pixel][vector] = start[vector];
    const auto add = [&](std::size_t step) LATHE_VNNI_ALWAYS_INLINE {
        const Inputs inputs(from, offsets.data() + step * inputsOfStep);
        for (int pixel = 0; pixel < Pixels; ++pixel)
            for (std::int64_t vector = 0; vector < vectors; ++vector) {
                const std::int8_t* const weight = weights + ((static_cast<std::int64_t>(step) * Stride + pixel) * vectors + vector) * 32;
                sums[pixel][vector] = _mm256_dpbusd_epi32(sums[pixel][vector], inputs.of[vector],
                                                          _mm256_loadu_si256(reinterpret_cast<const __m256i*>(weight)));
            }
    };
    if constexpr (Steps > 0) {
        [&]<std::size_t... Step>(std::index_sequence<Step...>) LATHE_VNNI_ALWAYS_INLINE { (add(Step), ...); }
        (std::make_index_sequence<Steps>());
    } else {
        for (std::size_t step = 0; step < offsets.size() / inputsOfStep; ++step)
            add(step);
    }
}

template<int Pixels, int Steps, class Store>
LATHE_VNNI void runBlock(const DepthwiseFours& weights, std::int64_t block, const Row& row, const Int8Output& output) {
    const std::int64_t channels = weights.shape().outChannels;
    const Store store(output, weights.firstChannel(block), std::min(blockChannels, channels));
    const std::int8_t* const packed = weights.block(block);
    __m256i start[vectors], sums[Pixels][vectors];
    for (std::int64_t vector = 0; vector < vectors; ++vector) {
        const auto* ofVector = reinterpret_cast<const __m256i*>(weights.channelSums(block) + vector * avx2::lanes);
        start[vector] = _mm256_mullo_epi32(_mm256_loadu_si256(ofVector), _mm256_set1_epi32(-row.zeroPoint));
    }
    const auto half = row.offsets.size() / 2;
    if (row.pixels < Pixels) {
        sum<1, Pixels, Steps>(row.image, row.offsets.subspan(half), packed, start, sums);
        store.store(sums[0], 0);
        return;
    }
    for (std::int64_t pixel = 0; pixel < row.pixels; pixel += Pixels) {
        // The last ones begin earlier, and one is computed again.
        const std::int64_t first = std::min(pixel, row.pixels - Pixels);
        sum<Pixels, Pixels, Steps>(row.image + first * row.pixelStride, row.offsets.first(half), packed, start, sums);
        for (int each = 0; each < Pixels; ++each)
            store.store(sums[each], (first + each) * channels);
    }
}

template<int Pixels, int Steps>
void runRow(const DepthwiseFours& weights, const Row& row, const Int8Output& output) {
    const std::int64_t channels = weights.shape().outChannels;
    const std::int64_t largestSum = weights.shape().productsPerResult() * largestProduct;
    const bool areBytes = output.bytes != nullptr && !output.residual.bytes && !output.residual.floats && channels >= blockChannels;
    for (std::int64_t block = 0; block < weights.blocks(); ++block) {
        const std::int64_t first = weights.firstChannel(block);
        Row ofBlock = row;
        ofBlock.image += first;
        if (areBytes && avx2::ByteLimits::suit(output, first, blockChannels, largestSum))
            runBlock<Pixels, Steps, BlockStore>(weights, block, ofBlock, output);
        else
            runBlock<Pixels, 0, AnyStore>(weights, block, ofBlock, output);
    }
}

} // namespace

bool suitsDepthwiseFours(const ConvolutionShape& shape) {
    return int8Instructions() == Int8Instructions::Avx512Vnni && isDepthwise(shape) && shape.outChannels >= int8ReadAhead;
}

std::int64_t DepthwiseFours::firstChannel(std::int64_t block) const {
    return std::min(block * blockChannels, std::max<std::int64_t>(0, m_shape.outChannels - blockChannels));
}

DepthwiseFours::DepthwiseFours(const ConvolutionShape& shape, std::span<const std::int16_t> weights) : m_shape(shape) {
    const Window& window = shape.window;
    m_pixels = window.strideWidth == 1 && window.dilationWidth == 1 ? 2 : 1;
    const std::int64_t stepsOfRow = (window.kernelWidth + m_pixels - 1 + inputsOfStep - 1) / inputsOfStep;
    m_steps = window.kernelHeight * stepsOfRow;
    m_packed.assign(static_cast<std::size_t>(blocks() * m_steps * m_pixels * vectors), {});
    m_channelSums.assign(static_cast<std::size_t>(blocks() * blockChannels), 0);
    for (std::int64_t block = 0; block < blocks(); ++block) {
        for (std::int64_t index = 0; index < std::min(blockChannels, shape.outChannels); ++index) {
            const std::int64_t channel = firstChannel(block) + index, place = placeOf(index);
            for (std::int64_t y = 0; y < window.kernelHeight; ++y) {
                for (std::int64_t x = 0; x < window.kernelWidth; ++x) {
                    const std::int16_t weight = weights[shape.weightAt(channel, 0, y, x)];
                    m_channelSums[static_cast<std::size_t>(block * blockChannels + place)] += weight;
                    for (std::int64_t pixel = 0; pixel < m_pixels; ++pixel) {
                        const std::int64_t input = x + pixel, step = (block * window.kernelHeight + y) * stepsOfRow + input / inputsOfStep;
                        const std::int64_t vector = (step * m_pixels + pixel) * vectors + place / 8;
                        const std::int64_t at = place % 8 * inputsOfStep + input % inputsOfStep;
                        m_packed[static_cast<std::size_t>(vector)].weights[static_cast<std::size_t>(at)] = static_cast<std::int8_t>(weight);
                    }
                }
            }
        }
    }
}

void DepthwiseFours::stepOffsets(std::int64_t rowStride, std::vector<std::int64_t>& offsets) const {
    const Window& window = m_shape.window;
    const std::int64_t stepsOfRow = m_steps / window.kernelHeight;
    offsets.clear();
    for (const std::int64_t pixels : {m_pixels, std::int64_t{1}}) {
        for (std::int64_t y = 0; y < window.kernelHeight; ++y) {
            for (std::int64_t input = 0; input < stepsOfRow * inputsOfStep; ++input) {
                // What a step has too many has weights of 0: any input that is there will do.
                const std::int64_t x = std::min(input, window.kernelWidth + pixels - 2);
                offsets.push_back(y * window.dilationHeight * rowStride + x * window.dilationWidth * m_shape.inChannels);
            }
        }
    }
}

void convolveDepthwiseFours(const DepthwiseFours& weights, const std::uint8_t* image, std::span<const std::int64_t> offsets,
                            std::int64_t pixels, std::int32_t zeroPoint, const Int8Output& output) {
    const Row row{image, weights.shape().pixelStride(), offsets, pixels, zeroPoint};
    using Run = void (*)(const DepthwiseFours&, const Row&, const Int8Output&);
    constexpr Run ofThree[] = {runRow<1, 3>, runRow<2, 3>}, ofTen[] = {runRow<1, 10>, runRow<2, 10>},
                  ofAny[] = {runRow<1, 0>, runRow<2, 0>};
    const Run* const run = weights.steps() == 3 ? ofThree : weights.steps() == 10 ? ofTen : ofAny;
    run[weights.pixels() - 1](weights, row, output);
}

} // namespace lathe::runtime
