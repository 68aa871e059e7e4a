#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <core/runtime/kernels/cpu/window.h>

namespace lathe::runtime {

/// Which instructions the integer kernels use. Both give the same bytes.
enum class Int8Instructions { Portable, Avx2 };
/// The best that this CPU has.
[[nodiscard]] Int8Instructions int8Instructions();

/// The numbers of one convolution; a linear layer is one with a 1x1 kernel on a 1x1 image, so that an image is a row.
struct ConvolutionShape {
    std::int64_t inChannels = 1, outChannels = 1, groups = 1;
    Window window = {};
};

/// Weights packed for the kernel: 16-bit, zero point subtracted. Sums of products of 16-bit numbers are taken in 32 bits (vpmaddwd), so
/// nothing saturates: kernels that multiply bytes (vpmaddubsw) are faster in theory but clip sums of two products on CPUs without VNNI.
///
/// Layout: group → block of 8 output channels → segment → pair of inputs → channel → the two weights of the pair. A segment is a run of
/// inputs that lie side by side in a channels-last image: one kernel row, or one kernel position where dilation or groups tear the row
/// apart.
class Int8Weights {
public:
    /// `weights`: (out, in / groups, height, width) row-major, each in -510 … 510.
    Int8Weights(const ConvolutionShape& shape, std::span<const std::int16_t> weights);

    [[nodiscard]] const ConvolutionShape& shape() const { return m_shape; }
    [[nodiscard]] std::int64_t segments() const { return m_segments; }
    [[nodiscard]] std::int64_t pairs() const { return m_pairs; }
    [[nodiscard]] std::int64_t blocksPerGroup() const { return m_blocks; }
    /// Where each segment begins, seen from the first input of a pixel, in an image with rows of `rowStride` elements.
    [[nodiscard]] std::vector<std::int64_t> segmentOffsets(std::int64_t rowStride) const;
    [[nodiscard]] const std::int16_t* block(std::int64_t group, std::int64_t block) const {
        return m_packed.data() + (group * m_blocks + block) * m_segments * m_pairs * 16;
    }

private:
    ConvolutionShape m_shape;
    std::int64_t m_segments = 1, m_pairs = 1, m_blocks = 1;
    bool m_wholeRows = true;
    std::vector<std::int16_t> m_packed;
};

/// Scales are read eight at a time, also for the last channels.
inline constexpr std::int64_t int8ScaleReadAhead = 7;

/// What happens to a 32-bit sum s of channel c: f = s · factor[c] + offset[c], limited to [low, high]; then stored as float, or rounded
/// half to even, moved by `zeroPoint` and stored as a byte. With `rowFactor`, factor[c] · rowFactor[row] takes the place of factor[c].
struct Int8Output {
    std::span<const float> factor, offset; ///< one for each output channel, and int8ScaleReadAhead more
    float low = 0, high = 0;
    std::int32_t zeroPoint = 0;
    std::uint8_t* bytes = nullptr; ///< one of the two; channels-last
    float* floats = nullptr;
    const float* rowFactor = nullptr; ///< one for each row (pixel) of the call, or null
};

/// `count` elements as 16-bit numbers with the zero point subtracted.
void widen(const std::uint8_t* bytes, std::int64_t count, std::int32_t zeroPoint, std::int16_t* out);

/// clamp(round half to even(x · inverseScale) + zeroPoint, minimum, maximum); NaN becomes the zero point.
void quantizeFloats(const float* values, std::int64_t count, float inverseScale, std::int32_t zeroPoint, std::int32_t minimum,
                    std::int32_t maximum, std::uint8_t* out, Int8Instructions instructions);

/// Smallest and largest of numbers and zero. The two mean nothing when not all numbers are finite.
struct FloatRange {
    float low = 0, high = 0;
    bool isFinite = true;
};
[[nodiscard]] FloatRange floatRange(const float* values, std::int64_t count, Int8Instructions instructions);

/// Elements that an image buffer must have behind its last one, because the kernel reads pairs.
inline constexpr std::int64_t int8ReadAhead = 2;

/// One row of output pixels. `image` is a padded channels-last image of 16-bit numbers (zero point subtracted, so padding is 0) at the
/// first input of the row's first pixel; `segments` are the offsets for its row stride; `output` at the row's first pixel.
void convolveRow(const Int8Weights& weights, const std::int16_t* image, std::span<const std::int64_t> segments, std::int64_t pixels,
                 const Int8Output& output, Int8Instructions instructions);

/// `rows` rows of a linear layer: `inputs` of inChannels + int8ReadAhead elements each, `rowStride` apart.
void linearRows(const Int8Weights& weights, const std::int16_t* inputs, std::int64_t rowStride, std::int64_t rows, const Int8Output& output,
                Int8Instructions instructions);

} // namespace lathe::runtime
