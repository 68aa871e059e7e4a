#pragma once

#include <cstdint>

namespace lathe::runtime {

/// The window that a 2-d convolution or pooling moves over an image, in elements. Sizes of results are rounded down (ceil_mode off).
struct Window {
    std::int64_t kernelHeight = 1, kernelWidth = 1;
    std::int64_t strideHeight = 1, strideWidth = 1;
    std::int64_t paddingHeight = 0, paddingWidth = 0;
    std::int64_t dilationHeight = 1, dilationWidth = 1;

    [[nodiscard]] bool pads() const { return paddingHeight > 0 || paddingWidth > 0; }
    /// Rows of the image that one row of results sees.
    [[nodiscard]] std::int64_t reachHeight() const { return dilationHeight * (kernelHeight - 1) + 1; }
    /// Below 1 when the window is larger than the padded image.
    [[nodiscard]] std::int64_t outHeight(std::int64_t height) const {
        return (height + 2 * paddingHeight - reachHeight()) / strideHeight + 1;
    }
    [[nodiscard]] std::int64_t outWidth(std::int64_t width) const {
        return (width + 2 * paddingWidth - dilationWidth * (kernelWidth - 1) - 1) / strideWidth + 1;
    }
};

} // namespace lathe::runtime
