#include <core/runtime/kernels/int8/few_inputs_kernel.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include <core/runtime/kernels/copy_part.h>
#include <core/runtime/kernels/int8/int8_store_vnni.h>

#include <immintrin.h>

#define LATHE_VBMI __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni,avx512vbmi,fma")))

namespace lathe::runtime {

namespace {

constexpr std::int64_t lanes = 16, channelsAtOnce = FewInputsWeights::blockChannels;

/// Sixteen pixels, or fewer at the end of a narrow image, of up to eight channels.
struct Group {
    const FewInputsWeights& weights;
    const std::uint8_t* image;
    std::span<const std::int64_t> rows;
    std::int64_t channel, pixels;
    std::int32_t zeroPoint;
};

/// The sums of `Channels` channels; lane i is pixel i.
template<int Channels>
LATHE_VBMI void sumOf(const Group& group, __m512i* sums) {
    const FewInputsWeights& weights = group.weights;
    const std::int64_t distance = weights.shape().pixelStride(), steps = weights.steps();
    const __m512i fours = _mm512_loadu_si512(weights.order().data());
    const std::int64_t bytes = (group.pixels - 1) * distance + 4;
    const __mmask64 mask = bytes >= 64 ? ~__mmask64{0} : (__mmask64{1} << bytes) - 1;
    __m512i total[Channels];
    const std::int32_t* weight = weights.block(group.channel / channelsAtOnce);
#pragma GCC unroll 8
    for (int index = 0; index < Channels; ++index)
        total[index] = _mm512_set1_epi32(-group.zeroPoint * weights.sum(group.channel + index));
    for (std::size_t row = 0; row < group.rows.size(); ++row) {
        const std::uint8_t* from = group.image + group.rows[row];
        for (std::int64_t step = 0; step < steps; ++step, from += 4, weight += channelsAtOnce) {
            const __m512i inputs = _mm512_permutexvar_epi8(fours, _mm512_maskz_loadu_epi8(mask, from));
#pragma GCC unroll 8 // else GCC 12 keeps the sums in memory
            for (int index = 0; index < Channels; ++index)
                total[index] = _mm512_dpbusd_epi32(total[index], inputs, _mm512_set1_epi32(weight[index]));
        }
    }
#pragma GCC unroll 8
    for (int index = 0; index < Channels; ++index)
        sums[index] = total[index];
}

using Sum = void (*)(const Group&, __m512i*);
constexpr Sum sumOfChannels[channelsAtOnce] = {sumOf<1>, sumOf<2>, sumOf<3>, sumOf<4>, sumOf<5>, sumOf<6>, sumOf<7>, sumOf<8>};

/// Orders of bytes within sixteen: four pixels' bytes of four channels become those of each pixel, and two pixels of eight bytes become two
/// of fewer.
constexpr std::array<std::uint8_t, 16> pixelsOfChannels = {0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15};
constexpr auto closerPixels = [] {
    std::array<std::array<std::uint8_t, 16>, channelsAtOnce + 1> orders{};
    for (std::size_t channels = 0; channels < orders.size(); ++channels)
        for (std::size_t byte = 0; byte < 16; ++byte)
            orders[channels][byte] = static_cast<std::uint8_t>(byte < channels ? byte : byte < 2 * channels ? 8 + byte - channels : 0x80);
    return orders;
}();

/// What becomes of the sums of a row of pixels, up to eight channels from `channel` on.
class FewInputsStore {
public:
    /// `largestSum`: of the magnitudes. `distance`: elements from pixel to pixel.
    LATHE_VBMI FewInputsStore(const Int8Output& output, std::int64_t channel, std::int64_t channels, std::int64_t distance,
                              std::int64_t largestSum)
        : m_output(output), m_pack(output), m_channel(channel), m_channels(channels), m_distance(distance),
          m_isPlain(output.bytes != nullptr && avx2::ByteLimits::suit(output, channel, channels, largestSum)) {}

    /// Of sixteen pixels, of which the first `pixels` count. `at`: the element of the first pixel and channel.
    LATHE_VBMI void store(const __m512i* sums, std::int64_t pixels, std::int64_t at) const {
        m_isPlain ? storeBytes(sums, pixels, m_output.bytes + at) : storeAny(sums, pixels, at);
    }

private:
    LATHE_VBMI __attribute__((always_inline)) __m512 value(const __m512i* sums, std::int64_t index) const {
        const auto place = static_cast<std::size_t>(m_channel + index);
        return _mm512_fmadd_ps(_mm512_cvtepi32_ps(sums[index]), _mm512_set1_ps(m_output.factor[place]),
                               _mm512_set1_ps(m_output.offset[place]));
    }

    LATHE_VBMI void storeBytes(const __m512i* sums, std::int64_t pixels, std::uint8_t* to) const {
        __m512i rounded[channelsAtOnce];
        for (std::int64_t index = 0; index < channelsAtOnce; ++index)
            rounded[index] = index < m_channels ? _mm512_cvtps_epi32(value(sums, index)) : _mm512_setzero_si512();
        const auto ofFour = [&](const __m512i* four) LATHE_VBMI {
            return _mm512_shuffle_epi8(m_pack.bytes(four[0], four[1], four[2], four[3]), inEachLane(pixelsOfChannels));
        };
        const __m512i fours = ofFour(rounded), foursBehind = ofFour(rounded + 4);
        // Pixels 0, 1, 4, 5, … and 2, 3, 6, 7, ….
        const __m512i even = _mm512_unpacklo_epi32(fours, foursBehind), odd = _mm512_unpackhi_epi32(fours, foursBehind);
        const __m512i first = _mm512_permutex2var_epi64(even, _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11), odd);
        const __m512i last = _mm512_permutex2var_epi64(even, _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15), odd);
        if (m_channels == m_distance) {
            storePairs(first, pixels, to);
            storePairs(last, pixels - 8, to + 8 * m_channels);
            return;
        }
        alignas(64) std::array<std::uint64_t, lanes> byPixel;
        _mm512_store_si512(byPixel.data(), first);
        _mm512_store_si512(byPixel.data() + 8, last);
        for (std::int64_t pixel = 0; pixel < pixels; ++pixel, to += m_distance) {
            const std::uint64_t eight = byPixel[static_cast<std::size_t>(pixel)];
            if (m_channels == channelsAtOnce)
                std::memcpy(to, &eight, sizeof(eight));
            else
                copyPart<4>(reinterpret_cast<const std::uint8_t*>(&eight), m_channels, to);
        }
    }

    /// Eight pixels side by side, of which the first `pixels` count. What runs over is written again by the next ones.
    LATHE_VBMI __attribute__((always_inline)) void storePairs(__m512i eight, std::int64_t pixels, std::uint8_t* to) const {
        const __m512i closer = _mm512_shuffle_epi8(eight, inEachLane(closerPixels[static_cast<std::size_t>(m_channels)]));
        const __m128i pairs[4] = {_mm512_castsi512_si128(closer), _mm512_extracti32x4_epi32(closer, 1),
                                  _mm512_extracti32x4_epi32(closer, 2), _mm512_extracti32x4_epi32(closer, 3)};
        for (const __m128i& pair : pairs) {
            const std::int64_t left = pixels * m_channels;
            if (left >= 16)
                _mm_storeu_si128(reinterpret_cast<__m128i*>(to), pair);
            else if (left > 0)
                copyPart<16>(reinterpret_cast<const std::uint8_t*>(&pair), std::min(left, 2 * m_channels), to);
            pixels -= 2;
            to += 2 * m_channels;
        }
    }

    LATHE_VBMI void storeAny(const __m512i* sums, std::int64_t pixels, std::int64_t at) const {
        alignas(64) std::array<float, lanes> floats;
        alignas(16) std::array<std::uint8_t, lanes> bytes;
        for (std::int64_t index = 0; index < m_channels; ++index, ++at) {
            const __m512 limited =
                _mm512_min_ps(_mm512_max_ps(value(sums, index), _mm512_set1_ps(m_output.low)), _mm512_set1_ps(m_output.high));
            _mm512_store_ps(floats.data(), limited);
            const __m512i whole = _mm512_add_epi32(_mm512_cvtps_epi32(limited), _mm512_set1_epi32(m_output.zeroPoint));
            _mm_store_si128(reinterpret_cast<__m128i*>(bytes.data()), _mm512_cvtepi32_epi8(whole));
            for (std::int64_t pixel = 0; pixel < pixels; ++pixel) {
                if (m_output.floats)
                    m_output.floats[at + pixel * m_distance] = floats[static_cast<std::size_t>(pixel)];
                else
                    m_output.bytes[at + pixel * m_distance] = bytes[static_cast<std::size_t>(pixel)];
            }
        }
    }

    LATHE_VBMI __attribute__((always_inline)) static __m512i inEachLane(const std::array<std::uint8_t, 16>& order) {
        return _mm512_broadcast_i32x4(_mm_loadu_si128(reinterpret_cast<const __m128i*>(order.data())));
    }

    const Int8Output& m_output;
    PackVnni m_pack;
    std::int64_t m_channel, m_channels, m_distance;
    bool m_isPlain;
};

} // namespace

bool hasFewInputs(const ConvolutionShape& shape) {
    return shape.groups == 1 && shape.window.dilationWidth == 1 && (lanes - 1) * shape.pixelStride() + 4 <= 64;
}

bool cpuHasFewInputsKernel() {
    static const bool has = int8Instructions() == Int8Instructions::Avx512Vnni && __builtin_cpu_supports("avx512vbmi");
    return has;
}

FewInputsWeights::FewInputsWeights(const ConvolutionShape& shape, std::span<const std::int16_t> weights) : m_shape(shape) {
    const Window& window = shape.window;
    const std::int64_t rowInputs = window.kernelWidth * shape.inChannels;
    m_steps = (rowInputs + 3) / 4;
    const std::int64_t blocks = (shape.outChannels + blockChannels - 1) / blockChannels;
    std::vector<std::int8_t> bytes(static_cast<std::size_t>(blocks * window.kernelHeight * m_steps * blockChannels * 4));
    m_sums.assign(static_cast<std::size_t>(shape.outChannels), 0);
    const auto* weight = weights.data();
    for (std::int64_t out = 0; out < shape.outChannels; ++out) {
        for (std::int64_t in = 0; in < shape.inChannels; ++in) {
            for (std::int64_t y = 0; y < window.kernelHeight; ++y) {
                for (std::int64_t x = 0; x < window.kernelWidth; ++x, ++weight) {
                    const std::int64_t input = x * shape.inChannels + in;
                    const std::int64_t step = (out / blockChannels * window.kernelHeight + y) * m_steps + input / 4;
                    const std::int64_t at = (step * blockChannels + out % blockChannels) * 4 + input % 4;
                    bytes[static_cast<std::size_t>(at)] = static_cast<std::int8_t>(*weight);
                    m_sums[static_cast<std::size_t>(out)] += *weight;
                }
            }
        }
    }
    for (std::int64_t byte = 0; byte < 64; ++byte)
        m_order[static_cast<std::size_t>(byte)] = static_cast<std::uint8_t>(byte / 4 * shape.pixelStride() + byte % 4);
    m_fours.resize(bytes.size() / 4);
    std::memcpy(m_fours.data(), bytes.data(), bytes.size());
}

void convolveFewInputsRow(const FewInputsWeights& weights, const std::uint8_t* image, std::span<const std::int64_t> rows,
                          std::int64_t pixels, std::int32_t zeroPoint, const Int8Output& output) {
    const std::int64_t outChannels = weights.shape().outChannels;
    const std::int64_t largestSum = weights.shape().productsPerResult() * largestProduct;
    __m512i sums[channelsAtOnce];
    for (std::int64_t channel = 0; channel < outChannels; channel += channelsAtOnce) {
        const std::int64_t channels = std::min(channelsAtOnce, outChannels - channel);
        const FewInputsStore store(output, channel, channels, outChannels, largestSum);
        for (std::int64_t first = 0; first < pixels; first += lanes) {
            // The last group begins earlier, so that it is whole, and computes some pixels again.
            const std::int64_t begin = std::max<std::int64_t>(0, std::min(first, pixels - lanes)), count = std::min(lanes, pixels);
            sumOfChannels[channels - 1]({weights, image + begin * weights.shape().pixelStride(), rows, channel, count, zeroPoint}, sums);
            store.store(sums, count, begin * outChannels + channel);
        }
    }
}

} // namespace lathe::runtime
