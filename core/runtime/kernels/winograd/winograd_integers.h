#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <core/runtime/kernels/int8/int8_kernel.h>
#include <core/runtime/kernels/winograd/winograd_job.h>

namespace lathe::runtime {

/// Weights of an integer convolution of 3x3 for Winograd's F(2x2, 3x3) with AVX2: transformed by twice its matrix, so that all numbers are
/// whole. A result is then four times a sum, exactly: everything is computed modulo 2³², and sums fit into 30 bits.
///
/// Without VNNI products of bytes are taken as 16-bit words, two at a time (vpmaddwd). Transformed inputs (four times as large as bytes)
/// and weights (nine times) fit into such words too, and 2.25 times fewer are multiplied.
class WinogradIntegers {
public:
    /// Output channels that are multiplied at once, and tiles.
    static constexpr std::int64_t blockChannels = 16, tileRows = 6;

    /// Do the numbers fit? `weights`: (out, in, 3, 3) less their zero points, each in −510 … 510.
    [[nodiscard]] static bool fits(const ConvolutionShape& shape, std::span<const std::int16_t> weights);
    /// Do they fit whatever the weights are?
    [[nodiscard]] static bool fits(const ConvolutionShape& shape);
    /// fits() and hasWinogradForm() have to hold.
    WinogradIntegers(const ConvolutionShape& shape, std::span<const std::int16_t> weights);

    [[nodiscard]] const ConvolutionShape& shape() const { return m_shape; }
    [[nodiscard]] std::int64_t groups() const { return (m_shape.outChannels + winogradGroupChannels - 1) / winogradGroupChannels; }
    /// Words from tile to tile in the transformed inputs.
    [[nodiscard]] std::int64_t inputStride() const { return m_inputStride; }
    [[nodiscard]] std::int64_t inputWords(std::int64_t tiles) const { return positions * tiles * m_inputStride; }
    [[nodiscard]] static std::int64_t sumCount(std::int64_t tiles) { return positions * tiles * winogradGroupChannels; }

    /// What a call computes: all tiles of `chunk`.
    struct Job {
        WinogradImages images; ///< of tileSize 2
        ItemRange chunk;
        const std::uint8_t* input = nullptr;
        std::int32_t zeroPoint = 0;
        const std::uint8_t* nothing = nullptr; ///< the zero point for each input channel: a pixel outside
        std::int16_t* inputs = nullptr;        ///< inputWords() of room
    };
    /// Fills in `inputs` for tiles `part` of the chunk, counted from its first.
    void transformInputs(const Job& job, ItemRange part) const;
    /// Computes groups of output channels of all tiles of the chunk. `sums`: sumCount() of room. `output`: at the first element of all.
    void computeGroups(const Job& job, ItemRange groups, std::int32_t* sums, const Int8Output& output) const;

private:
    static constexpr int positions = 16;
    void transformResults(const Job& job, std::int64_t group, const std::int32_t* sums, const Int8Output& output) const;

    ConvolutionShape m_shape;
    std::int64_t m_inputStride, m_blocks;
    std::vector<std::int16_t> m_weights; ///< [position][block][pair of input channels][channel of the block][channel of the pair]
};

} // namespace lathe::runtime
