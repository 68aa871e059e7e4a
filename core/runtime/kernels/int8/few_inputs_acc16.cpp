#include <core/runtime/kernels/int8/few_inputs_acc16.h>

#include <algorithm>
#include <array>
#include <cstring>

#include <core/runtime/kernels/copy_part.h>
#include <core/runtime/kernels/int8/acc16_range.h>
#include <core/runtime/kernels/int8/int8_store_avx2.h>

namespace lathe::runtime {

namespace {

constexpr std::uint8_t longestChain = 255;
constexpr std::int64_t lanes = 16, channelsAtOnce = FewInputsAcc16Weights::blockChannels;

/// Two inputs of all channels of a block.
struct PairWeights {
    std::array<std::int8_t, 2 * channelsAtOnce> weights{};
    std::int64_t kernelRow = 0, offsetInRow = 0;
};

/// As it is, or as two whose weights add up to its own where it might saturate by itself.
void addPair(PairWeights pair, int largestInput, std::vector<PairWeights>& pairs) {
    if (acc16::maySaturate(pair.weights, largestInput)) {
        PairWeights half = pair;
        acc16::halve(pair.weights, half.weights);
        pairs.push_back(half);
    }
    pairs.push_back(pair);
}

} // namespace

bool hasFewInputsForAcc16(const ConvolutionShape& shape) {
    return shape.groups == 1 && shape.window.dilationWidth == 1 && shape.pixelStride() <= 2;
}

FewInputsAcc16Weights::FewInputsAcc16Weights(const ConvolutionShape& shape, std::span<const std::int16_t> weights, int largestInput)
    : m_shape(shape) {
    const std::int64_t blocks = (shape.outChannels + blockChannels - 1) / blockChannels;
    m_startSums.assign(static_cast<std::size_t>(blocks * blockChannels), 0);
    m_channelSums = m_startSums;
    const auto perChannel = static_cast<std::size_t>(shape.inChannels * shape.window.kernelHeight * shape.window.kernelWidth);
    for (std::size_t at = 0; at < weights.size(); ++at)
        m_channelSums[at / perChannel] += weights[at];
    for (std::int64_t channel = 0; channel < shape.outChannels; channel += blockChannels)
        packBlock(weights, channel, largestInput);
}

void FewInputsAcc16Weights::packBlock(std::span<const std::int16_t> weights, std::int64_t firstChannel, int largestInput) {
    const Window& window = m_shape.window;
    const std::int64_t channels = std::min(blockChannels, m_shape.outChannels - firstChannel),
                       inputs = window.kernelWidth * m_shape.inChannels;
    std::vector<PairWeights> pairs;
    for (std::int64_t y = 0; y < window.kernelHeight; ++y) {
        for (std::int64_t first = 0; first < inputs; first += 2) {
            PairWeights pair{.kernelRow = y, .offsetInRow = first};
            for (std::int64_t channel = 0; channel < channels; ++channel) {
                for (std::int64_t input = first; input < std::min(first + 2, inputs); ++input) {
                    const std::int64_t x = input / m_shape.inChannels, in = input % m_shape.inChannels;
                    pair.weights[static_cast<std::size_t>(2 * channel + input - first)] =
                        static_cast<std::int8_t>(weights[m_shape.weightAt(firstChannel + channel, in, y, x)]);
                }
            }
            addPair(pair, largestInput, pairs);
        }
    }

    Place place{m_lengths.size(), 0, m_pairs.size(), m_weights.size(), m_starts.size()};
    std::array<acc16::Magnitudes, channelsAtOnce> sums{}; // of the chain
    std::uint8_t length = 0;
    const auto end = [&] {
        m_lengths.push_back(length);
        for (std::size_t channel = 0; channel < sums.size(); ++channel) {
            const std::int16_t start = sums[channel].start(largestInput);
            m_starts.insert(m_starts.end(), lanes, start);
            m_startSums[static_cast<std::size_t>(firstChannel) + channel] += start;
        }
        sums = {};
        length = 0;
    };
    for (const PairWeights& pair : pairs) {
        auto longer = sums;
        for (std::size_t channel = 0; channel < sums.size(); ++channel)
            longer[channel].add(pair.weights[2 * channel], pair.weights[2 * channel + 1]);
        if (length == longestChain || !std::ranges::all_of(longer, [&](const auto& each) { return each.fit(largestInput); })) end();
        for (std::size_t channel = 0; channel < sums.size(); ++channel) {
            sums[channel].add(pair.weights[2 * channel], pair.weights[2 * channel + 1]);
            std::int16_t both;
            std::memcpy(&both, pair.weights.data() + 2 * channel, sizeof(both));
            m_weights.insert(m_weights.end(), lanes, both);
        }
        m_pairs.push_back({pair.kernelRow, pair.offsetInRow});
        ++length;
    }
    end();
    place.chains = m_lengths.size() - place.chain;
    m_blocks.push_back(place);
}

FewInputsAcc16Weights::Block FewInputsAcc16Weights::block(std::int64_t index) const {
    const Place& place = m_blocks[static_cast<std::size_t>(index)];
    return {std::span(m_lengths).subspan(place.chain, place.chains), m_pairs.data() + place.pair, m_weights.data() + place.weight,
            m_starts.data() + place.start};
}

namespace {

/// As vectors of numbers: GCC keeps that many __m256i in memory.
using ShortSums = std::int16_t __attribute__((vector_size(32)));

/// Sums of channels: of the pixels with even and with odd numbers.
struct PixelSums {
    __m256i even, odd;
};

/// The two inputs of each of sixteen pixels, which are `Distance` bytes apart, one or two; `from`: of the first pixel. Seven bytes behind
/// the last input are read where they are one apart.
template<int Distance>
LATHE_AVX2 inline __m256i pairsOf(const std::uint8_t* from) {
    if constexpr (Distance == 2) {
        return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
    } else {
        const __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
        const __m128i high = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + lanes / 2));
        const __m128i order = _mm_setr_epi8(0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8);
        return _mm256_shuffle_epi8(_mm256_set_m128i(high, low), _mm256_broadcastsi128_si256(order));
    }
}

/// `missing`: what the sums of each channel begin with.
template<int Channels, int Distance>
LATHE_AVX2 void sum(const FewInputsAcc16Weights::Block& block, const std::uint8_t* image, const std::int64_t* rows,
                    const std::int32_t* missing, PixelSums* sums) {
    const FewInputsAcc16Weights::Pair* pair = block.pairs;
    const std::int16_t *start = block.starts, *weight = block.weights;
    for (int channel = 0; channel < Channels; ++channel)
        sums[channel].even = sums[channel].odd = _mm256_set1_epi32(missing[channel]);
    for (const std::uint8_t length : block.lengths) {
        ShortSums part[Channels];
        for (int channel = 0; channel < Channels; ++channel)
            part[channel] = reinterpret_cast<ShortSums>(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(start + channel * lanes)));
        start += channelsAtOnce * lanes;
        for (std::uint8_t step = 0; step < length; ++step, ++pair, weight += channelsAtOnce * lanes) {
            const __m256i inputs = pairsOf<Distance>(image + rows[pair->kernelRow] + pair->offsetInRow);
            for (int channel = 0; channel < Channels; ++channel) {
                const __m256i weights = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(weight + channel * lanes));
                part[channel] += reinterpret_cast<ShortSums>(_mm256_maddubs_epi16(inputs, weights));
            }
        }
        for (int channel = 0; channel < Channels; ++channel) {
            const auto both = reinterpret_cast<__m256i>(part[channel]);
            sums[channel].even = _mm256_add_epi32(sums[channel].even, _mm256_srai_epi32(_mm256_slli_epi32(both, 16), 16));
            sums[channel].odd = _mm256_add_epi32(sums[channel].odd, _mm256_srai_epi32(both, 16));
        }
    }
}

using Sum = void (*)(const FewInputsAcc16Weights::Block&, const std::uint8_t*, const std::int64_t*, const std::int32_t*, PixelSums*);
template<int Distance>
constexpr Sum sumOfChannels[] = {sum<1, Distance>, sum<2, Distance>, sum<3, Distance>, sum<4, Distance>,
                                 sum<5, Distance>, sum<6, Distance>, sum<7, Distance>, sum<8, Distance>};

/// Sixteen pixels of eight channels as bytes, a pixel after the other, from the bytes of each channel.
LATHE_AVX2 void byPixel(const __m128i* channels, std::uint8_t* out) {
    const __m128i pairs[8] = {_mm_unpacklo_epi8(channels[0], channels[1]), _mm_unpackhi_epi8(channels[0], channels[1]),
                              _mm_unpacklo_epi8(channels[2], channels[3]), _mm_unpackhi_epi8(channels[2], channels[3]),
                              _mm_unpacklo_epi8(channels[4], channels[5]), _mm_unpackhi_epi8(channels[4], channels[5]),
                              _mm_unpacklo_epi8(channels[6], channels[7]), _mm_unpackhi_epi8(channels[6], channels[7])};
    for (int half = 0; half < 2; ++half) {
        const __m128i firstFours[2] = {_mm_unpacklo_epi16(pairs[half], pairs[2 + half]), _mm_unpackhi_epi16(pairs[half], pairs[2 + half])};
        const __m128i lastFours[2] = {_mm_unpacklo_epi16(pairs[4 + half], pairs[6 + half]),
                                      _mm_unpackhi_epi16(pairs[4 + half], pairs[6 + half])};
        for (int quarter = 0; quarter < 2; ++quarter, out += 32) {
            _mm_store_si128(reinterpret_cast<__m128i*>(out), _mm_unpacklo_epi32(firstFours[quarter], lastFours[quarter]));
            _mm_store_si128(reinterpret_cast<__m128i*>(out + 16), _mm_unpackhi_epi32(firstFours[quarter], lastFours[quarter]));
        }
    }
}

/// Sixteen pixels of up to eight channels.
struct Group {
    std::int64_t channel, channels, pixels;
    std::int64_t at;         ///< the output's element of the first pixel and channel
    std::int64_t mayOverrun; ///< pixels behind whose channels may be written, as that is written later
};

LATHE_AVX2 void storeFloats(const Group& group, std::int64_t distance, const PixelSums* sums, const Int8Output& output) {
    const __m256 low = _mm256_set1_ps(output.low), high = _mm256_set1_ps(output.high);
    for (std::int64_t index = 0; index < group.channels; ++index) {
        const auto channel = static_cast<std::size_t>(group.channel + index);
        const auto limited = [&](__m256i sum) LATHE_AVX2 {
            const __m256 value =
                _mm256_fmadd_ps(_mm256_cvtepi32_ps(sum), _mm256_set1_ps(output.factor[channel]), _mm256_set1_ps(output.offset[channel]));
            return _mm256_min_ps(_mm256_max_ps(value, low), high);
        };
        alignas(32) std::array<float, lanes> floats;
        _mm256_store_ps(floats.data(), limited(sums[index].even));
        _mm256_store_ps(floats.data() + lanes / 2, limited(sums[index].odd));
        for (std::int64_t pixel = 0; pixel < group.pixels; ++pixel)
            output.floats[group.at + pixel * distance + index] = floats[static_cast<std::size_t>(pixel % 2 * lanes / 2 + pixel / 2)];
    }
}

/// `suit`: ByteLimits::suit(); numbers are limited before they are rounded as well where it does not hold.
LATHE_AVX2 void storeBytes(const Group& group, std::int64_t distance, const PixelSums* sums, const avx2::ByteLimits& limits, bool suit,
                           const Int8Output& output) {
    __m128i bytes[channelsAtOnce]; // those behind the last channel are written nowhere, or over
    for (std::int64_t index = group.channels; index < channelsAtOnce; ++index)
        bytes[index] = _mm_setzero_si128();
    const __m256i inTurn = _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 4, 1, 5, 2, 6, 3, 7, 0, 4, 1, 5, 2, 6, 3, 7));
    for (std::int64_t index = 0; index < group.channels; ++index) {
        const auto channel = static_cast<std::size_t>(group.channel + index);
        const __m256 factor = _mm256_set1_ps(output.factor[channel]), offset = _mm256_set1_ps(output.offset[channel]);
        const auto rounded = [&](__m256i sum) LATHE_AVX2 {
            __m256 value = _mm256_fmadd_ps(_mm256_cvtepi32_ps(sum), factor, offset);
            if (!suit) value = _mm256_min_ps(_mm256_max_ps(value, _mm256_set1_ps(output.low)), _mm256_set1_ps(output.high));
            return _mm256_cvtps_epi32(value);
        };
        const __m256i words = limits.words(rounded(sums[index].even), rounded(sums[index].odd));
        const __m256i eights = _mm256_shuffle_epi8(_mm256_packus_epi16(words, words), inTurn);
        bytes[index] = limits.limited(_mm_unpacklo_epi64(_mm256_castsi256_si128(eights), _mm256_extracti128_si256(eights, 1)));
    }
    alignas(16) std::array<std::uint8_t, lanes * channelsAtOnce> pixels;
    byPixel(bytes, pixels.data());
    std::uint8_t* out = output.bytes + group.at;
    for (std::int64_t pixel = 0; pixel < group.pixels; ++pixel, out += distance) {
        const std::uint8_t* const eight = pixels.data() + pixel * channelsAtOnce;
        if (group.channels == channelsAtOnce || pixel < group.mayOverrun)
            std::memcpy(out, eight, channelsAtOnce);
        else
            copyPart<4>(eight, group.channels, out);
    }
}

} // namespace

void convolveFewInputsRow(const FewInputsAcc16Weights& weights, const std::uint8_t* image, std::span<const std::int64_t> rows,
                          std::int64_t pixels, std::int32_t zeroPoint, const Int8Output& output) {
    const ConvolutionShape& shape = weights.shape();
    const std::int64_t outChannels = shape.outChannels, distance = shape.pixelStride(), count = std::min(lanes, pixels);
    if (pixels < lanes) { // Sixteen are computed all the same, from a copy with as much behind it.
        thread_local std::vector<std::uint8_t> copy;
        thread_local std::vector<std::int64_t> copiedRows;
        const std::int64_t bytes = (pixels - 1) * distance + shape.window.kernelWidth * shape.inChannels;
        const std::int64_t rowStride = bytes + (lanes - pixels) * distance + int8ReadAhead;
        copy.assign(rows.size() * static_cast<std::size_t>(rowStride), 0);
        copiedRows.clear();
        for (std::size_t row = 0; row < rows.size(); ++row) {
            copiedRows.push_back(static_cast<std::int64_t>(row) * rowStride);
            std::copy_n(image + rows[row], bytes, copy.data() + copiedRows.back());
        }
        image = copy.data();
        rows = copiedRows;
    }
    const avx2::ByteLimits limits(output);
    const bool suit = avx2::ByteLimits::suit(output, 0, outChannels, shape.productsPerResult() * largestProduct);
    thread_local std::vector<std::int32_t> missing;
    missing.resize(weights.startSums().size());
    for (std::size_t channel = 0; channel < missing.size(); ++channel)
        missing[channel] = -weights.startSums()[channel] - zeroPoint * weights.channelSums()[channel];
    PixelSums sums[channelsAtOnce];
    for (std::int64_t first = 0; first < pixels; first += lanes) {
        // The last group begins earlier, so that it is whole, and computes some pixels again.
        const std::int64_t begin = std::max<std::int64_t>(0, std::min(first, pixels - lanes));
        for (std::int64_t channel = 0; channel < outChannels; channel += channelsAtOnce) {
            const std::int64_t channels = std::min(channelsAtOnce, outChannels - channel);
            const auto* const bySize = distance == 2 ? sumOfChannels<2> : sumOfChannels<1>;
            bySize[channels - 1](weights.block(channel / channelsAtOnce), image + begin * distance, rows.data(), missing.data() + channel,
                                 sums);
            // With all channels in one go, pixels are written in order, but what would run over the end of the row.
            const std::int64_t mayOverrun = outChannels <= channelsAtOnce ? count - (channelsAtOnce + outChannels - 1) / outChannels : 0;
            const Group group{channel, channels, count, begin * outChannels + channel, mayOverrun};
            if (output.floats != nullptr)
                storeFloats(group, outChannels, sums, output);
            else
                storeBytes(group, outChannels, sums, limits, suit, output);
        }
    }
}

} // namespace lathe::runtime
