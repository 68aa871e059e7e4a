#pragma once

#include <cstdint>
#include <optional>

#include <core/runtime/kernels/item_range.h>
#include <core/runtime/onednn/packed_layer.h>

namespace lathe::runtime {

/// Images with channels last, and the tiles that their results are cut into: rows of squares of tileSize pixels, of which those at the
/// right and at the bottom may stand out. Tiles are counted through all images of the batch.
struct WinogradImages {
    std::int64_t batch = 0, height = 0, width = 0;
    std::int64_t outHeight = 0, outWidth = 0;
    std::int64_t paddingHeight = 0, paddingWidth = 0;
    int tileSize = 2;

    [[nodiscard]] std::int64_t tilesDown() const { return (outHeight + tileSize - 1) / tileSize; }
    [[nodiscard]] std::int64_t tilesAcross() const { return (outWidth + tileSize - 1) / tileSize; }
    [[nodiscard]] std::int64_t tiles() const { return batch * tilesDown() * tilesAcross(); }

    /// Where a tile's first result lies.
    struct Corner {
        std::int64_t image, row, column;
    };
    [[nodiscard]] Corner corner(std::int64_t tile) const {
        const std::int64_t across = tilesAcross(), down = tilesDown();
        return {tile / (across * down), tile / across % down * tileSize, tile % across * tileSize};
    }
    /// The pixel of the input that a tile's position reads; −1: outside. Positions are counted row by row through (tileSize + 2)².
    [[nodiscard]] std::int64_t pixel(const Corner& corner, int position) const {
        const std::int64_t row = corner.row - paddingHeight + position / (tileSize + 2);
        const std::int64_t column = corner.column - paddingWidth + position % (tileSize + 2);
        const bool isInside = row >= 0 && row < height && column >= 0 && column < width;
        return isInside ? (corner.image * height + row) * width + column : -1;
    }
};

/// What the loops of one instruction set compute of a convolution in float32: all tiles of `chunk`.
struct WinogradJob {
    WinogradImages images;
    ItemRange chunk; ///< of tiles
    const float* input = nullptr;
    float* result = nullptr;
    std::int64_t inChannels = 0, outChannels = 0;
    std::int64_t inputStride = 0;   ///< numbers from tile to tile in `inputs`: channels, filled up to whole vectors
    const float* weights = nullptr; ///< [position][block of channels][input channel][channel of the block], transformed
    std::int64_t weightBlocks = 0;  ///< in each position
    const float* bias = nullptr;    ///< whole groups of channels
    const float* nothing = nullptr; ///< inputStride zeros: a pixel outside
    bool addsResult = false;        ///< to what lies in the result's memory
    std::optional<Elementwise> function = {};
    float* inputs = nullptr; ///< [position][tile of the chunk][input channel], transformed
};

/// The polynomials of tiles of 4x4 are taken at 0, ± these two and infinity; those of 2x2 at 0, ±1 and infinity. With the usual 1 and 2 the
/// largest error of a sum of 9 · 256 products is six times that of a plain sum, with 5/8 and 3/2, whose products are exact too, 1.3 times.
/// Source: Barabasz et al., "Error Analysis and Improving the Accuracy of Winograd Convolution for Deep Neural Networks" (2020).
inline constexpr double winogradPoints[2] = {0.625, 1.5};

/// Output channels that are multiplied before their tiles are transformed back.
inline constexpr std::int64_t winogradGroupChannels = 32;

/// The loops for one instruction set. All may be called from any thread.
struct WinogradLoops {
    std::int64_t lanes;         ///< numbers in a vector
    std::int64_t blockChannels; ///< output channels that are multiplied at once
    std::int64_t tileRows;      ///< tiles that are multiplied at once
    /// Fills in `inputs` for tiles `part` of the chunk, counted from its first.
    void (*transformInputs)(const WinogradJob& job, ItemRange part);
    /// Computes groups of output channels of all tiles of the chunk. `products`: room for (tileSize + 2)² · tiles · winogradGroupChannels.
    void (*computeGroups)(const WinogradJob& job, ItemRange groups, float* products);
};

[[nodiscard]] const WinogradLoops& winogradLoopsAvx2();
[[nodiscard]] const WinogradLoops& winogradLoopsAvx512();

} // namespace lathe::runtime
