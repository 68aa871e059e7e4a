#include <core/runtime/kernels/bytes/byte_max_pool.h>

#include <algorithm>

namespace lathe::runtime {

namespace {

/// Element by element into `target`; a plain loop that the compiler turns into vectors.
void takeLarger(std::uint8_t* target, const std::uint8_t* other, std::int64_t count) {
    for (std::int64_t index = 0; index < count; ++index)
        target[index] = std::max(target[index], other[index]);
}

} // namespace

void maxPoolBytes(const std::uint8_t* image, std::int64_t height, std::int64_t width, std::int64_t channels, const Window& window,
                  std::uint8_t* out, std::vector<std::uint8_t>& scratch) {
    const std::int64_t rowBytes = width * channels;
    const std::int64_t outHeight = window.outHeight(height), outWidth = window.outWidth(width);
    scratch.resize(static_cast<std::size_t>(rowBytes));
    for (std::int64_t outRow = 0; outRow < outHeight; ++outRow, out += outWidth * channels) {
        // Rows first: they are long and contiguous. What is left is one row to pool along.
        std::fill(scratch.begin(), scratch.end(), std::uint8_t{0});
        for (std::int64_t y = 0; y < window.kernelHeight; ++y) {
            const std::int64_t row = outRow * window.strideHeight - window.paddingHeight + y * window.dilationHeight;
            if (row >= 0 && row < height) takeLarger(scratch.data(), image + row * rowBytes, rowBytes);
        }
        std::fill_n(out, outWidth * channels, std::uint8_t{0});
        for (std::int64_t outColumn = 0; outColumn < outWidth; ++outColumn) {
            for (std::int64_t x = 0; x < window.kernelWidth; ++x) {
                const std::int64_t column = outColumn * window.strideWidth - window.paddingWidth + x * window.dilationWidth;
                if (column >= 0 && column < width) takeLarger(out + outColumn * channels, scratch.data() + column * channels, channels);
            }
        }
    }
}

} // namespace lathe::runtime
