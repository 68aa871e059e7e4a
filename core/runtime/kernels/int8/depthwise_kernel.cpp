#include <core/runtime/kernels/int8/depthwise_kernel.h>

#include <algorithm>

#include <core/runtime/kernels/int8/int8_store_avx2.h>
#include <core/runtime/kernels/int8/int8_store_portable.h>

namespace lathe::runtime {

namespace {

constexpr std::int64_t blockChannels = 16;

/// The place of a channel's pair in a block.
constexpr std::int64_t placeOf(std::int64_t channel) {
    const std::int64_t half = channel % 8 / 4;
    return half * 8 + channel / 8 * 4 + channel % 4;
}

struct Row {
    const std::uint8_t* image;
    std::int64_t pixelStride; ///< bytes from pixel to pixel
    std::span<const std::int64_t> positions;
    std::int64_t pixels;
    std::int32_t zeroPoint;
};

void runPortable(const DepthwiseWeights& weights, const Row& row, const Int8Output& output) {
    const std::int64_t channels = weights.shape().outChannels;
    for (std::int64_t pixel = 0; pixel < row.pixels; ++pixel) {
        for (std::int64_t channel = 0; channel < channels; ++channel) {
            const std::uint8_t* input = row.image + pixel * row.pixelStride + channel;
            const std::int16_t* weight = weights.block(channel / blockChannels) + 2 * placeOf(channel % blockChannels);
            std::int32_t sum = -row.zeroPoint * weights.channelSums()[static_cast<std::size_t>(channel)];
            for (std::size_t position = 0; position < row.positions.size(); ++position)
                sum += input[row.positions[position]] * weight[position / 2 * 32 + position % 2];
            portable::store(portable::scaled(sum, channel, pixel * channels + channel, 1.0f, output), pixel * channels + channel, output);
        }
    }
}

/// Sixteen bytes as 16-bit numbers.
LATHE_AVX2 inline __m256i load(const std::uint8_t* bytes) {
    return _mm256_cvtepu8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes)));
}

LATHE_AVX2 void runAvx2(const DepthwiseWeights& weights, const Row& row, const Int8Output& output) {
    const std::int64_t channels = weights.shape().outChannels;
    const std::int64_t* positions = row.positions.data();
    for (std::int64_t first = 0; first < channels; first += blockChannels) {
        const std::int16_t* const block = weights.block(first / blockChannels);
        const auto shiftOf = [&](std::int64_t channel) LATHE_AVX2 {
            const auto* sums = reinterpret_cast<const __m256i*>(weights.channelSums().data() + channel);
            return _mm256_mullo_epi32(_mm256_loadu_si256(sums), _mm256_set1_epi32(row.zeroPoint));
        };
        const __m256i lowShift = shiftOf(first), highShift = first + avx2::lanes < channels ? shiftOf(first + avx2::lanes) : lowShift;
        for (std::int64_t pixel = 0; pixel < row.pixels; ++pixel) {
            const std::uint8_t* input = row.image + pixel * row.pixelStride + first;
            __m256i mixedLow = _mm256_setzero_si256(), mixedHigh = _mm256_setzero_si256();
            const std::int16_t* weight = block;
            for (std::int64_t pair = 0; pair < weights.pairs(); ++pair, weight += 32) {
                const __m256i one = load(input + positions[2 * pair]), other = load(input + positions[2 * pair + 1]);
                const __m256i lowWeights = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(weight));
                const __m256i highWeights = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(weight + 16));
                mixedLow = _mm256_add_epi32(mixedLow, _mm256_madd_epi16(_mm256_unpacklo_epi16(one, other), lowWeights));
                mixedHigh = _mm256_add_epi32(mixedHigh, _mm256_madd_epi16(_mm256_unpackhi_epi16(one, other), highWeights));
            }
            // Channels 0-3, 8-11 and 4-7, 12-15 become 0-7 and 8-15.
            const __m256i sums[2] = {_mm256_sub_epi32(_mm256_permute2x128_si256(mixedLow, mixedHigh, 0x20), lowShift),
                                     _mm256_sub_epi32(_mm256_permute2x128_si256(mixedLow, mixedHigh, 0x31), highShift)};
            for (std::int64_t half = 0; half < 2; ++half) {
                const std::int64_t channel = first + half * avx2::lanes;
                const std::int64_t count = std::min(avx2::lanes, channels - channel);
                if (count <= 0) break;
                const std::int64_t at = pixel * channels + channel;
                const __m256 value = avx2::scaled(sums[half], channel, count, at, 1.0f, output);
                if (count == avx2::lanes)
                    avx2::store(value, at, output);
                else
                    avx2::storePart(value, count, at, output);
            }
        }
    }
}

} // namespace

bool isDepthwise(const ConvolutionShape& shape) {
    return shape.groups > 1 && shape.groups == shape.inChannels && shape.groups == shape.outChannels;
}

DepthwiseWeights::DepthwiseWeights(const ConvolutionShape& shape, std::span<const std::int16_t> weights) : m_shape(shape) {
    const std::int64_t positions = shape.window.kernelHeight * shape.window.kernelWidth;
    const std::int64_t blocks = (shape.outChannels + blockChannels - 1) / blockChannels;
    m_pairs = (positions + 1) / 2;
    m_packed.assign(static_cast<std::size_t>(blocks * m_pairs * 32), 0);
    m_channelSums.assign(static_cast<std::size_t>(shape.outChannels + int8ScaleReadAhead), 0);
    for (std::int64_t channel = 0; channel < shape.outChannels; ++channel) {
        std::int16_t* const target = m_packed.data() + channel / blockChannels * m_pairs * 32 + 2 * placeOf(channel % blockChannels);
        for (std::int64_t position = 0; position < positions; ++position) {
            const std::int16_t weight = weights[static_cast<std::size_t>(channel * positions + position)];
            target[position / 2 * 32 + position % 2] = weight;
            m_channelSums[static_cast<std::size_t>(channel)] += weight;
        }
    }
}

void DepthwiseWeights::positionOffsets(std::int64_t rowStride, std::vector<std::int64_t>& offsets) const {
    m_shape.positionOffsets(rowStride, false, offsets);
    if (offsets.size() % 2 != 0) offsets.push_back(offsets.back());
}

void convolveDepthwiseRow(const DepthwiseWeights& weights, const std::uint8_t* image, std::span<const std::int64_t> positions,
                          std::int64_t pixels, std::int32_t zeroPoint, const Int8Output& output, Int8Instructions instructions) {
    const Row row{image, weights.shape().pixelStride(), positions, pixels, zeroPoint};
    instructions == Int8Instructions::Portable ? runPortable(weights, row, output) : runAvx2(weights, row, output);
}

} // namespace lathe::runtime
