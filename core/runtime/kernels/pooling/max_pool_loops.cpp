#include <core/runtime/kernels/pooling/max_pool_loops.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include <core/runtime/cpu.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace lathe::runtime {

namespace {

template<class Element>
constexpr Element smallest = std::numeric_limits<Element>::has_infinity ? -std::numeric_limits<Element>::infinity()
                                                                        : std::numeric_limits<Element>::lowest();

std::uint8_t larger(std::uint8_t target, std::uint8_t other) { return std::max(target, other); }
/// No branches, so that the compiler can make vectors of it: the other is taken when it is larger or NaN, unless the first is.
float larger(float target, float other) { return (!(other <= target)) & (target == target) ? other : target; }

/// Element by element into `target`; a plain loop that the compiler turns into vectors.
template<class Element>
void takeLarger(Element* target, const Element* other, std::int64_t count) {
    for (std::int64_t index = 0; index < count; ++index)
        target[index] = larger(target[index], other[index]);
}

/// What is left of an image after its rows were pooled: one row, to pool along.
template<class Element>
struct PooledRow {
    const Element* row;
    std::int64_t width, channels, outWidth;
    const Window& window;

    /// Calls `take` with each pixel of the window of a column.
    template<class Take>
    void forEachPixel(std::int64_t outColumn, const Take& take) const {
        for (std::int64_t x = 0; x < window.kernelWidth; ++x) {
            const std::int64_t column = outColumn * window.strideWidth - window.paddingWidth + x * window.dilationWidth;
            if (column >= 0 && column < width) take(row + column * channels);
        }
    }
};

template<class Element>
void poolColumns(const PooledRow<Element>& pooled, Element* out) {
    std::fill_n(out, pooled.outWidth * pooled.channels, smallest<Element>);
    for (std::int64_t column = 0; column < pooled.outWidth; ++column)
        pooled.forEachPixel(column, [&](const Element* pixel) { takeLarger(out + column * pooled.channels, pixel, pooled.channels); });
}

/// A pixel of so few channels is less than a vector, and loops over it are mostly their ends.
constexpr std::int64_t fewChannels = 16;

/// The same for few channels and no padding: the whole row at once, of which the pixels are picked where windows begin. `largest` has room
/// for the row.
template<class Element>
void poolColumnsOfFewChannels(const PooledRow<Element>& pooled, Element* largest, Element* out) {
    const std::int64_t channels = pooled.channels, distance = pooled.window.dilationWidth * channels;
    const std::int64_t elements = pooled.width * channels, begins = elements - (pooled.window.kernelWidth - 1) * distance;
    std::copy_n(pooled.row, begins, largest);
    for (std::int64_t x = 1; x < pooled.window.kernelWidth; ++x)
        takeLarger(largest, pooled.row + x * distance, begins);
    constexpr std::int64_t atOnce = 8;
    const std::int64_t stride = pooled.window.strideWidth * channels;
    std::int64_t column = 0;
    // What runs over the end of a pixel is written again with the next ones.
    for (; channels <= atOnce && column * stride + atOnce <= elements && column * channels + atOnce <= pooled.outWidth * channels; ++column)
        std::memcpy(out + column * channels, largest + column * stride, atOnce * sizeof(Element));
    for (; column < pooled.outWidth; ++column)
        std::copy_n(largest + column * stride, channels, out + column * channels);
}

#if defined(__x86_64__)
// Masks cut the vectors.

__attribute__((target("avx512f,avx512bw"))) void poolColumnsAvx512(const PooledRow<float>& pooled, float* out) {
    for (std::int64_t column = 0; column < pooled.outWidth; ++column) {
        for (std::int64_t channel = 0; channel < pooled.channels; channel += 16) {
            const auto left = std::min<std::int64_t>(16, pooled.channels - channel);
            const auto mask = static_cast<__mmask16>((1U << left) - 1);
            __m512 largest = _mm512_set1_ps(smallest<float>);
            for (std::int64_t x = 0; x < pooled.window.kernelWidth; ++x) {
                const std::int64_t from = column * pooled.window.strideWidth - pooled.window.paddingWidth + x * pooled.window.dilationWidth;
                if (from < 0 || from >= pooled.width) continue;
                const __m512 other = _mm512_maskz_loadu_ps(mask, pooled.row + from * pooled.channels + channel);
                const __mmask16 isTaken =
                    _mm512_cmp_ps_mask(other, largest, _CMP_NLE_UQ) & _mm512_cmp_ps_mask(largest, largest, _CMP_ORD_Q);
                largest = _mm512_mask_mov_ps(largest, isTaken, other);
            }
            _mm512_mask_storeu_ps(out + column * pooled.channels + channel, mask, largest);
        }
    }
}

__attribute__((target("avx512f,avx512bw"))) void poolColumnsAvx512(const PooledRow<std::uint8_t>& pooled, std::uint8_t* out) {
    for (std::int64_t column = 0; column < pooled.outWidth; ++column) {
        for (std::int64_t channel = 0; channel < pooled.channels; channel += 64) {
            const auto left = std::min<std::int64_t>(64, pooled.channels - channel);
            const __mmask64 mask = left == 64 ? ~__mmask64{0} : (__mmask64{1} << left) - 1;
            __m512i largest = _mm512_setzero_si512();
            for (std::int64_t x = 0; x < pooled.window.kernelWidth; ++x) {
                const std::int64_t from = column * pooled.window.strideWidth - pooled.window.paddingWidth + x * pooled.window.dilationWidth;
                if (from < 0 || from >= pooled.width) continue;
                largest = _mm512_max_epu8(largest, _mm512_maskz_loadu_epi8(mask, pooled.row + from * pooled.channels + channel));
            }
            _mm512_mask_storeu_epi8(out + column * pooled.channels + channel, mask, largest);
        }
    }
}

bool hasAvx512() {
    static const bool has = mayUseAvx512() && __builtin_cpu_supports("avx512bw");
    return has;
}
#else
bool hasAvx512() { return false; }
#endif

template<class Element>
void pool(const Element* image, std::int64_t height, std::int64_t width, std::int64_t channels, const Window& window, Element* out,
          std::vector<Element>& scratch) {
    const std::int64_t rowElements = width * channels;
    const std::int64_t outHeight = window.outHeight(height), outWidth = window.outWidth(width);
    const bool isAtOnce = !hasAvx512() && channels < fewChannels && window.paddingWidth == 0 && outWidth > 0;
    scratch.resize(static_cast<std::size_t>(isAtOnce ? 2 * rowElements : rowElements));
    for (std::int64_t outRow = 0; outRow < outHeight; ++outRow, out += outWidth * channels) {
        // Rows first: they are long and contiguous. What is left is one row to pool along.
        std::fill_n(scratch.data(), rowElements, smallest<Element>);
        for (std::int64_t y = 0; y < window.kernelHeight; ++y) {
            const std::int64_t row = outRow * window.strideHeight - window.paddingHeight + y * window.dilationHeight;
            if (row >= 0 && row < height) takeLarger(scratch.data(), image + row * rowElements, rowElements);
        }
        const PooledRow<Element> pooled{scratch.data(), width, channels, outWidth, window};
        if (isAtOnce) {
            poolColumnsOfFewChannels(pooled, scratch.data() + rowElements, out);
            continue;
        }
#if defined(__x86_64__)
        if (hasAvx512()) {
            poolColumnsAvx512(pooled, out);
            continue;
        }
#endif
        poolColumns(pooled, out);
    }
}

} // namespace

void maxPool(const std::uint8_t* image, std::int64_t height, std::int64_t width, std::int64_t channels, const Window& window,
             std::uint8_t* out, std::vector<std::uint8_t>& scratch) {
    pool(image, height, width, channels, window, out, scratch);
}

void maxPool(const float* image, std::int64_t height, std::int64_t width, std::int64_t channels, const Window& window, float* out,
             std::vector<float>& scratch) {
    pool(image, height, width, channels, window, out, scratch);
}

} // namespace lathe::runtime
