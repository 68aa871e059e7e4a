#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include <core/runtime/kernels/int8/int8_kernel.h>

namespace lathe::runtime {

/// Has this CPU the instructions of convolveDepthwiseFours, and is it a depthwise convolution (isDepthwise) of at least 16 channels?
[[nodiscard]] bool suitsDepthwiseFours(const ConvolutionShape& shape);

/// Weights of a depthwise convolution for CPUs with AVX-512 VNNI, which multiply four inputs of a channel at once (vpdpbusd).
///
/// A step is four inputs that lie side by side in a row of the image. Where pixels of the result are one input apart they are computed by
/// twos: the inputs of both are brought together once, and a kernel of three columns fits into one step.
///
/// Layout: block of 32 channels → step → pixel (one or two) → four vectors → channel → the weights of the step, in the order of channels in
/// which unpacking gives the inputs. The last block begins earlier, so that it is whole.
class DepthwiseFours {
public:
    static constexpr std::int64_t blockChannels = 32;

    /// `shape`: suitsDepthwiseFours. `weights`: (channels, 1, height, width) row-major, zero point subtracted, each in -128 … 127.
    DepthwiseFours(const ConvolutionShape& shape, std::span<const std::int16_t> weights);

    [[nodiscard]] const ConvolutionShape& shape() const { return m_shape; }
    /// Pixels that are computed at once: one or two.
    [[nodiscard]] std::int64_t pixels() const { return m_pixels; }
    [[nodiscard]] std::int64_t steps() const { return m_steps; }
    [[nodiscard]] std::int64_t blocks() const { return (m_shape.outChannels + blockChannels - 1) / blockChannels; }
    [[nodiscard]] std::int64_t firstChannel(std::int64_t block) const;
    [[nodiscard]] const std::int8_t* block(std::int64_t block) const {
        return m_packed[static_cast<std::size_t>(block * m_steps * m_pixels * 4)].weights.data();
    }
    /// The sum of the weights of each channel of a block, in the order of the sums.
    [[nodiscard]] const std::int32_t* channelSums(std::int64_t block) const { return m_channelSums.data() + block * blockChannels; }
    /// Is nothing read behind the channels of a pixel?
    [[nodiscard]] bool readsOnlyInputs() const { return m_shape.inChannels >= blockChannels; }
    /// Where the four inputs of each step lie, seen from a pixel's first, in an image with rows of `rowStride` bytes: those for `pixels()`
    /// at once, and behind them those for one.
    void stepOffsets(std::int64_t rowStride, std::vector<std::int64_t>& offsets) const;

private:
    ConvolutionShape m_shape;
    std::int64_t m_pixels = 1, m_steps = 1;
    /// Reading one of them touches one line of the cache.
    struct alignas(32) Vector {
        std::array<std::int8_t, 32> weights{};
    };
    std::vector<Vector> m_packed;
    std::vector<std::int32_t> m_channelSums;
};

/// One row of output pixels. `image`: padded channels-last bytes (padding is the zero point) at the first input of the row's first pixel,
/// with int8ReadAhead readable bytes behind its end; `offsets` are the steps' for its row stride; `output` at the row's first pixel. Gives
/// the bytes of convolveDepthwiseRow.
void convolveDepthwiseFours(const DepthwiseFours& weights, const std::uint8_t* image, std::span<const std::int64_t> offsets,
                            std::int64_t pixels, std::int32_t zeroPoint, const Int8Output& output);

} // namespace lathe::runtime
