#pragma once

#include <cstdint>
#include <vector>

namespace lathe::runtime {

/// The window of a 2-d max pooling; results are rounded down (ceil_mode off).
struct PoolWindow {
    std::int64_t kernelHeight = 1, kernelWidth = 1;
    std::int64_t strideHeight = 1, strideWidth = 1;
    std::int64_t paddingHeight = 0, paddingWidth = 0;
    std::int64_t dilationHeight = 1, dilationWidth = 1;

    [[nodiscard]] std::int64_t outHeight(std::int64_t height) const {
        return (height + 2 * paddingHeight - dilationHeight * (kernelHeight - 1) - 1) / strideHeight + 1;
    }
    [[nodiscard]] std::int64_t outWidth(std::int64_t width) const {
        return (width + 2 * paddingWidth - dilationWidth * (kernelWidth - 1) - 1) / strideWidth + 1;
    }
};

/// The largest byte of each window of one channels-last image (height × width × channels), written channels-last. Bytes of one grid compare
/// as the numbers that they stand for, so this is exact. Padding never wins; a window wholly in the padding gives 0. `scratch` is one row
/// and kept between calls.
void maxPoolBytes(const std::uint8_t* image, std::int64_t height, std::int64_t width, std::int64_t channels, const PoolWindow& window,
                  std::uint8_t* out, std::vector<std::uint8_t>& scratch);

} // namespace lathe::runtime
