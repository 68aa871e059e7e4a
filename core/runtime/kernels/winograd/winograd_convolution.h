#pragma once

#include <optional>
#include <span>
#include <vector>

#include <core/runtime/kernels/int8/int8_kernel.h>
#include <core/runtime/kernels/winograd/winograd_job.h>

namespace lathe::runtime {

/// Is it a convolution that is computed by tiles: 3x3 with stride 1, in one group and without gaps?
[[nodiscard]] bool hasWinogradForm(const ConvolutionShape& shape);
/// Bytes of the weights once they are transformed: (tileSize + 2)² / 9 of what they were.
[[nodiscard]] std::int64_t winogradWeightBytes(const ConvolutionShape& shape, int tileSize);

[[nodiscard]] WinogradImages winogradImages(const ConvolutionShape& shape, int tileSize, std::int64_t batch, std::int64_t height,
                                            std::int64_t width);
/// Tiles of a chunk that so many threads share, `tileRows` of which are multiplied at once: so many bytes for each tile stay in the
/// threads' second caches.
[[nodiscard]] std::int64_t winogradChunkTiles(std::int64_t tiles, int threads, std::int64_t tileRows, std::int64_t tileBytes);

/// A convolution of 3x3 by Winograd's minimal filtering F(m x m, 3 x 3): an m x m tile of results costs (m + 2)² products of channels
/// instead of 9 m², which are matrix products, one for each position of the tile. 2.25 times fewer with m = 2, 4 times fewer with m = 4;
/// rounded about as exactly as a plain sum (winogradPoints). What is infinite or no number in
/// the input makes all results of its tile NaN. Source: Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (2015).
///
/// A call goes through all tiles in chunks: first their inputs are transformed (threads share the tiles), then groups of output channels
/// are multiplied and transformed back (threads share the groups). All functions are const and may be called from any thread.
class WinogradConvolution {
public:
    struct Options {
        int tileSize = 2; ///< 2 or 4
        bool addsResult = false;
        std::optional<Elementwise> function = {};
    };
    /// `weights`: (out, in, 3, 3); `bias`: one for each output channel, or empty. Both are copied. cpuHasAvx2() hasWinogradForm()
    /// and hasVectorForm() have to hold. `loops`: of an instruction set that the CPU has; the widest by default.
    WinogradConvolution(const ConvolutionShape& shape, const Options& options, std::span<const float> weights, std::span<const float> bias,
                        const WinogradLoops* loops = nullptr);

    /// winogradChunkTiles() of this layer.
    [[nodiscard]] std::int64_t chunkTiles(std::int64_t tiles, int threads) const;
    [[nodiscard]] std::int64_t groups() const { return (m_shape.outChannels + winogradGroupChannels - 1) / winogradGroupChannels; }
    /// Floats that a chunk of so many tiles needs for its transformed inputs, and each thread for its products.
    [[nodiscard]] std::int64_t inputFloats(std::int64_t tiles) const { return positions() * tiles * m_inputStride; }
    [[nodiscard]] std::int64_t productFloats(std::int64_t tiles) const { return positions() * tiles * winogradGroupChannels; }

    /// `inputs`: inputFloats() of room, which lives until the chunk is computed.
    [[nodiscard]] WinogradJob job(const WinogradImages& images, ItemRange chunk, const float* input, float* result, float* inputs) const;
    void transformInputs(const WinogradJob& job, ItemRange part) const { m_loops->transformInputs(job, part); }
    void computeGroups(const WinogradJob& job, ItemRange groups, float* products) const { m_loops->computeGroups(job, groups, products); }

private:
    [[nodiscard]] std::int64_t positions() const { return std::int64_t{m_options.tileSize + 2} * (m_options.tileSize + 2); }

    ConvolutionShape m_shape;
    Options m_options;
    const WinogradLoops* m_loops;
    std::int64_t m_inputStride;
    std::vector<float> m_weights, m_bias, m_nothing;
};

} // namespace lathe::runtime
