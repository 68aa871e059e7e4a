#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <core/runtime/kernels/int8/int8_kernel.h>

namespace lathe::runtime {

/// Is this a convolution of which each output channel sees one input channel, the one of the same number?
[[nodiscard]] bool isDepthwise(const ConvolutionShape& shape);

/// Weights of a depthwise convolution. Inputs are bytes; two kernel positions of a channel are multiplied as 16-bit numbers and summed in
/// 32 bits, so nothing saturates.
///
/// Layout: block of 16 channels → pair of kernel positions → the pairs of channels 0-3, 8-11, 4-7, 12-15, as unpacking two registers gives
/// them.
class DepthwiseWeights {
public:
    /// `weights`: (channels, 1, height, width) row-major, zero point subtracted, each in -510 … 510.
    DepthwiseWeights(const ConvolutionShape& shape, std::span<const std::int16_t> weights);

    [[nodiscard]] const ConvolutionShape& shape() const { return m_shape; }
    [[nodiscard]] std::int64_t pairs() const { return m_pairs; }
    [[nodiscard]] const std::int16_t* block(std::int64_t block) const { return m_packed.data() + block * m_pairs * 32; }
    /// The sum of the weights of each channel, and int8ScaleReadAhead more.
    [[nodiscard]] std::span<const std::int32_t> channelSums() const { return m_channelSums; }
    /// Is nothing read behind the channels of a pixel?
    [[nodiscard]] bool readsOnlyInputs() const { return m_shape.inChannels % 16 == 0; }
    /// Where each kernel position lies, seen from a pixel's first, in an image with rows of `rowStride` bytes; with an odd number of
    /// positions the last one stands twice (its second weight is 0).
    void positionOffsets(std::int64_t rowStride, std::vector<std::int64_t>& offsets) const;

private:
    ConvolutionShape m_shape;
    std::int64_t m_pairs = 1;
    std::vector<std::int16_t> m_packed;
    std::vector<std::int32_t> m_channelSums;
};

/// One row of output pixels. `image`: padded channels-last bytes (padding is the zero point) at the first input of the row's first pixel,
/// with int8ReadAhead readable bytes behind its end; `positions` are the offsets for its row stride; `output` at the row's first pixel.
void convolveDepthwiseRow(const DepthwiseWeights& weights, const std::uint8_t* image, std::span<const std::int64_t> positions,
                          std::int64_t pixels, std::int32_t zeroPoint, const Int8Output& output, Int8Instructions instructions);

} // namespace lathe::runtime
