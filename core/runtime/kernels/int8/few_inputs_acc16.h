#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <core/runtime/kernels/int8/int8_kernel.h>

namespace lathe::runtime {

/// Can the kernel of few inputs for AVX2 compute this convolution? One group, kernels without gaps, pixels one or two bytes apart: grey
/// pictures with a stride of 1 or 2.
[[nodiscard]] bool hasFewInputsForAcc16(const ConvolutionShape& shape);

/// Weights for convolveFewInputsRow: pairs of inputs that lie side by side, in the order of the window, cut into chains whose sums of
/// 16 bits cannot overflow (acc16_weights.h says when). All channels of a block have the same chains.
class FewInputsAcc16Weights {
public:
    static constexpr std::int64_t blockChannels = 8;

    /// `weights`: (out, in, height, width) less their zero points, each from -128 to 127. hasFewInputsForAcc16(shape) has to hold.
    /// `largestInput`: 1 to 255.
    FewInputsAcc16Weights(const ConvolutionShape& shape, std::span<const std::int16_t> weights, int largestInput);

    struct Pair {
        std::int64_t kernelRow, offsetInRow; ///< of its first input
    };
    struct Block {
        std::span<const std::uint8_t> lengths; ///< chain → pairs
        const Pair* pairs;
        const std::int16_t* weights; ///< pair → channel → two bytes, sixteen times
        const std::int16_t* starts;  ///< chain → channel, sixteen times
    };

    [[nodiscard]] const ConvolutionShape& shape() const { return m_shape; }
    [[nodiscard]] static Int8Instructions instructions() { return Int8Instructions::Avx2; }
    [[nodiscard]] static bool readsOnlyInputs() { return false; }
    [[nodiscard]] Block block(std::int64_t index) const;
    /// What is in each channel's sum beside the products: to be taken from it. A multiple of blockChannels.
    [[nodiscard]] std::span<const std::int32_t> startSums() const { return m_startSums; }
    [[nodiscard]] std::span<const std::int32_t> channelSums() const { return m_channelSums; }

private:
    struct Place {
        std::size_t chain, chains, pair, weight, start;
    };
    void packBlock(std::span<const std::int16_t> weights, std::int64_t firstChannel, int largestInput);

    ConvolutionShape m_shape;
    std::vector<Place> m_blocks;
    std::vector<std::uint8_t> m_lengths;
    std::vector<Pair> m_pairs;
    std::vector<std::int16_t> m_weights, m_starts;
    std::vector<std::int32_t> m_startSums, m_channelSums;
};

/// One row of output pixels, whose window has its `rows` where positionOffsets() says, with AVX2: sixteen pixels at a time, each in a lane,
/// for eight channels. `image` is at the first input of the first pixel, padded, with int8ReadAhead bytes behind its last one. Gives the
/// bits of convolveRow. `output` has no residual.
void convolveFewInputsRow(const FewInputsAcc16Weights& weights, const std::uint8_t* image, std::span<const std::int64_t> rows,
                          std::int64_t pixels, std::int32_t zeroPoint, const Int8Output& output);

} // namespace lathe::runtime
