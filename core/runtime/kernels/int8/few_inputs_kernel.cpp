#include <core/runtime/kernels/int8/few_inputs_kernel.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include <core/runtime/kernels/copy_part.h>

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
    for (int index = 0; index < Channels; ++index)
        total[index] = _mm512_set1_epi32(-group.zeroPoint * weights.sum(group.channel + index));
    for (std::size_t row = 0; row < group.rows.size(); ++row) {
        const std::uint8_t* from = group.image + group.rows[row];
        for (std::int64_t step = 0; step < steps; ++step, from += 4, weight += channelsAtOnce) {
            const __m512i inputs = _mm512_permutexvar_epi8(fours, _mm512_maskz_loadu_epi8(mask, from));
            for (int index = 0; index < Channels; ++index)
                total[index] = _mm512_dpbusd_epi32(total[index], inputs, _mm512_set1_epi32(weight[index]));
        }
    }
    for (int index = 0; index < Channels; ++index)
        sums[index] = total[index];
}

using Sum = void (*)(const Group&, __m512i*);
constexpr Sum sumOfChannels[channelsAtOnce] = {sumOf<1>, sumOf<2>, sumOf<3>, sumOf<4>, sumOf<5>, sumOf<6>, sumOf<7>, sumOf<8>};

/// Eight bytes for each pixel: byte b of them is channel b's.
alignas(64) constexpr auto byPixelOrder = [] {
    std::array<std::uint8_t, 64> order{};
    for (std::size_t byte = 0; byte < 64; ++byte)
        order[byte] = static_cast<std::uint8_t>(byte % 8 * lanes + byte / 8);
    return order;
}();

/// `at`: the element of the first pixel and channel. `mayOverrun`: what lies behind a pixel's channels is written later.
LATHE_VBMI void store(const __m512i* sums, std::int64_t channel, std::int64_t channels, std::int64_t pixels, std::int64_t distance,
                      const Int8Output& output, std::int64_t at, std::int64_t mayOverrun) {
    const __m512 low = _mm512_set1_ps(output.low), high = _mm512_set1_ps(output.high);
    const __m512i zeroPoint = _mm512_set1_epi32(output.zeroPoint);
    alignas(64) std::array<std::uint8_t, 128> byChannel{};
    alignas(64) std::array<float, lanes> floats;
    for (std::int64_t index = 0; index < channels; ++index) {
        const auto place = static_cast<std::size_t>(channel + index);
        __m512 value =
            _mm512_fmadd_ps(_mm512_cvtepi32_ps(sums[index]), _mm512_set1_ps(output.factor[place]), _mm512_set1_ps(output.offset[place]));
        value = _mm512_min_ps(_mm512_max_ps(value, low), high);
        if (output.floats) {
            _mm512_store_ps(floats.data(), value);
            for (std::int64_t pixel = 0; pixel < pixels; ++pixel)
                output.floats[at + pixel * distance + index] = floats[static_cast<std::size_t>(pixel)];
            continue;
        }
        const __m128i rounded = _mm512_cvtepi32_epi8(_mm512_add_epi32(_mm512_cvtps_epi32(value), zeroPoint));
        _mm_store_si128(reinterpret_cast<__m128i*>(byChannel.data() + index * lanes), rounded);
    }
    if (output.floats) return;
    const __m512i firstHalf = _mm512_load_si512(byChannel.data()), secondHalf = _mm512_load_si512(byChannel.data() + 64);
    const __m512i firstPixels = _mm512_load_si512(byPixelOrder.data()), lastPixels = _mm512_add_epi8(firstPixels, _mm512_set1_epi8(8));
    alignas(64) std::array<std::uint64_t, lanes> byPixel;
    _mm512_store_si512(byPixel.data(), _mm512_permutex2var_epi8(firstHalf, firstPixels, secondHalf));
    _mm512_store_si512(byPixel.data() + 8, _mm512_permutex2var_epi8(firstHalf, lastPixels, secondHalf));
    std::uint8_t* out = output.bytes + at;
    for (std::int64_t pixel = 0; pixel < pixels; ++pixel, out += distance) {
        const std::uint64_t eight = byPixel[static_cast<std::size_t>(pixel)];
        if (channels == channelsAtOnce || pixel < mayOverrun)
            std::memcpy(out, &eight, sizeof(eight));
        else
            copyPart<4>(reinterpret_cast<const std::uint8_t*>(&eight), channels, out);
    }
}

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
    __m512i sums[channelsAtOnce];
    for (std::int64_t first = 0; first < pixels; first += lanes) {
        // The last group begins earlier, so that it is whole, and computes some pixels again.
        const std::int64_t begin = std::max<std::int64_t>(0, std::min(first, pixels - lanes)), count = std::min(lanes, pixels);
        for (std::int64_t channel = 0; channel < outChannels; channel += channelsAtOnce) {
            const std::int64_t channels = std::min(channelsAtOnce, outChannels - channel);
            sumOfChannels[channels - 1]({weights, image + begin * weights.shape().pixelStride(), rows, channel, count, zeroPoint}, sums);
            // With all channels in one go, pixels are written in order, but what would run over the end of the row.
            const std::int64_t mayOverrun = outChannels <= channelsAtOnce ? count - (channelsAtOnce + outChannels - 1) / outChannels : 0;
            store(sums, channel, channels, count, outChannels, output, begin * outChannels + channel, mayOverrun);
        }
    }
}

} // namespace lathe::runtime
