#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <core/runtime/kernels/int8/int8_kernel.h>

namespace lathe::runtime {

/// Weights whose products with bytes are summed in 16 bits, as long as no sum can leave them, and only then in 32 (the idea of FBGEMM's
/// acc16 kernels: D. Khudia et al., FBGEMM: Enabling High-Performance Low-Precision Deep Learning Inference, 2021). A step is four inputs
/// that lie side by side. Steps are gathered into chains: of each 16-bit lane of a chain, which sums two of the inputs of each of its steps
/// for one channel, the magnitudes of the weights come to at most 257 where inputs are 0 to 255, so that with a start in the right place
/// none carry it out of 16 bits. Where already one step might saturate (vpmaddubsw does), it is made into two of half the weights. Exact.
class Acc16Weights {
public:
    static constexpr std::int64_t vectorChannels = 8; ///< of one vector of 32-bit sums
    static constexpr std::int64_t stepInputs = 4;
    static constexpr std::size_t longestChain = 8;

    /// Channels that are computed together, and have their steps in the same order.
    struct Block {
        std::int64_t vectors;                  ///< of channels: two, or one for the last ones
        std::span<const std::uint8_t> lengths; ///< chain → steps, at most longestChain
        const std::int16_t* starts;            ///< chain → 16-bit lane: two for each channel
        const std::int8_t* weights;            ///< step → channel → four inputs
        std::size_t firstStep;                 ///< in the list of stepOffsets()
    };

    /// `weights`: (out, in, height, width) less their zero points, each from -128 to 127. One group. `largestInput`: 1 to 255; the smaller
    /// it is, the longer the chains.
    Acc16Weights(const ConvolutionShape& shape, std::span<const std::int16_t> weights, int largestInput = 255);

    [[nodiscard]] const ConvolutionShape& shape() const { return m_shape; }
    [[nodiscard]] static Int8Instructions instructions() { return Int8Instructions::Avx2; }
    [[nodiscard]] std::int64_t blockChannels() const { return 2 * vectorChannels; }
    [[nodiscard]] std::int64_t blocksPerGroup() const { return static_cast<std::int64_t>(m_blocks.size()); }
    [[nodiscard]] Block block(std::int64_t index) const;
    /// Of all chains of a block; what they took from each channel's sum at their starts is to be added to it again.
    [[nodiscard]] std::span<const std::int32_t> startSums() const { return m_startSums; }
    /// Of the weights of each channel. Both lists have int8ScaleReadAhead more.
    [[nodiscard]] std::span<const std::int32_t> channelSums() const { return m_channelSums; }
    /// Does no step read behind the last input of a pixel?
    [[nodiscard]] bool readsWholeSteps() const { return m_readsWholeSteps; }
    /// Where each step of each block begins, seen from the first input of a pixel, in an image with rows of `rowStride` bytes.
    void stepOffsets(std::int64_t rowStride, std::vector<std::int64_t>& offsets) const;
    /// The same for a 1x1 kernel, which sees one row.
    [[nodiscard]] std::span<const std::int64_t> offsetsInRow() const { return m_offsetInRow; }

private:
    struct Place {
        std::int64_t vectors;
        std::size_t chain, chains, start, weight, step;
    };
    void packBlock(std::span<const std::int16_t> weights, std::int64_t firstChannel, int largestInput);

    ConvolutionShape m_shape;
    bool m_readsWholeSteps = true;
    std::vector<Place> m_blocks;
    std::vector<std::uint8_t> m_lengths;
    std::vector<std::int16_t> m_starts;
    std::vector<std::int8_t> m_weights;
    std::vector<std::int64_t> m_offsetInRow, m_kernelRow; ///< of each step
    std::vector<std::int32_t> m_startSums, m_channelSums;
};

} // namespace lathe::runtime
