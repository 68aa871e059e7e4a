#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <core/runtime/kernels/item_range.h>
#include <core/runtime/kernels/window.h>

namespace lathe::runtime {

/// Which instructions the integer kernels use. All give the same bytes.
enum class Int8Instructions {
    Portable,
    Avx2,
    Avx512Vnni, ///< vpdpbusd: four products of bytes, summed in 32 bits
};
/// The best that this CPU has.
[[nodiscard]] Int8Instructions int8Instructions();

/// The numbers of one convolution; a linear layer is one with a 1x1 kernel on a 1x1 image, so that an image is a row.
struct ConvolutionShape {
    std::int64_t inChannels = 1, outChannels = 1, groups = 1;
    Window window = {};

    /// Elements of a channels-last image from the first input of a pixel of the result to that of the next one.
    [[nodiscard]] std::int64_t pixelStride() const { return window.strideWidth * inChannels; }
    /// Products that a number of the result is the sum of.
    [[nodiscard]] std::int64_t productsPerResult() const { return inChannels / groups * window.kernelHeight * window.kernelWidth; }
    /// Where each position of the kernel begins, seen from the first input of a pixel, in a channels-last image with rows of `rowStride`
    /// elements; with `wholeRows` only where each row of the kernel begins.
    void positionOffsets(std::int64_t rowStride, bool wholeRows, std::vector<std::int64_t>& offsets) const {
        offsets.clear();
        for (std::int64_t y = 0; y < window.kernelHeight; ++y) {
            for (std::int64_t x = 0; x < (wholeRows ? 1 : window.kernelWidth); ++x)
                offsets.push_back(y * window.dilationHeight * rowStride + x * window.dilationWidth * inChannels);
        }
    }
    /// Where the weight of an input of a group stands among those in the order (out, in / groups, height, width).
    [[nodiscard]] std::size_t weightAt(std::int64_t out, std::int64_t in, std::int64_t y, std::int64_t x) const {
        return static_cast<std::size_t>(((out * (inChannels / groups) + in) * window.kernelHeight + y) * window.kernelWidth + x);
    }
};

/// Of a byte and a signed byte, of the magnitudes.
inline constexpr std::int64_t largestProduct = 255 * 128;

/// Is each of them a signed byte?
[[nodiscard]] bool areBytes(std::span<const std::int16_t> weights);

/// How the numbers that are multiplied lie in memory.
enum class Int8Form {
    Words, ///< 16-bit inputs and weights, zero points subtracted: sums of two products are taken in 32 bits (vpmaddwd)
    Bytes, ///< inputs as they are, weights as signed bytes: sums of four products are taken in 32 bits (vpdpbusd)
};

/// Weights packed for the kernels. No sum of either form saturates, whatever the weights are; vpmaddubsw, which multiplies bytes without
/// VNNI, clips sums of two products to 16 bits (acc16_weights.h keeps them within these).
///
/// Layout: group → block of channels → segment → step of inputs → channel → the weights of the step. A block has 8 channels as words and
/// 16 as bytes, a step 2 and 4 inputs. A segment is a run of inputs that lie side by side in a channels-last image: one kernel row, or one
/// kernel position where dilation or groups tear the row apart.
class Int8Weights {
public:
    /// `weights`: (out, in / groups, height, width) row-major, zero point subtracted, each in -510 … 510. They are packed as bytes for
    /// Avx512Vnni when all fit into -128 … 127, as words otherwise.
    Int8Weights(const ConvolutionShape& shape, std::span<const std::int16_t> weights, Int8Instructions instructions);

    [[nodiscard]] const ConvolutionShape& shape() const { return m_shape; }
    [[nodiscard]] Int8Form form() const { return m_instructions == Int8Instructions::Avx512Vnni ? Int8Form::Bytes : Int8Form::Words; }
    /// Those that the weights are packed for: Avx2 or Portable when they are words.
    [[nodiscard]] Int8Instructions instructions() const { return m_instructions; }
    /// The channels of a block.
    [[nodiscard]] std::int64_t blockChannels() const { return form() == Int8Form::Bytes ? 16 : 8; }
    [[nodiscard]] std::int64_t blocksPerGroup() const { return m_blocks; }
    /// The inputs that are read at once. Inputs must be readable, whatever they hold, up to a multiple of it behind each segment.
    [[nodiscard]] std::int64_t stepInputs() const { return form() == Int8Form::Bytes ? 4 : 2; }
    [[nodiscard]] std::int64_t steps() const { return m_steps; } ///< of one segment
    /// Do segments end with whole steps, so that nothing behind them is read?
    [[nodiscard]] bool readsWholeSteps() const { return m_segmentInputs % stepInputs() == 0; }
    /// Where each segment begins, seen from the first input of a pixel, in an image with rows of `rowStride` elements.
    void segmentOffsets(std::int64_t rowStride, std::vector<std::int64_t>& offsets) const;

    /// Weights of one block.
    [[nodiscard]] std::int64_t blockSize() const { return m_segments * m_steps * blockChannels() * stepInputs(); }
    [[nodiscard]] const std::int16_t* words(std::int64_t group, std::int64_t block) const {
        return m_words.data() + (group * m_blocks + block) * blockSize();
    }
    [[nodiscard]] const std::int8_t* bytes(std::int64_t group, std::int64_t block) const {
        return m_bytes.data() + (group * m_blocks + block) * blockSize();
    }
    /// Bytes only: the sum of the weights of each channel, and int8ScaleReadAhead more.
    [[nodiscard]] std::span<const std::int32_t> channelSums() const { return m_channelSums; }

private:
    void pack(std::span<const std::int16_t> weights);

    ConvolutionShape m_shape;
    Int8Instructions m_instructions;
    std::int64_t m_segmentInputs = 1, m_segments = 1, m_steps = 1, m_blocks = 1;
    bool m_wholeRows = true;
    std::vector<std::int16_t> m_words; ///< one of the two
    std::vector<std::int8_t> m_bytes;
    std::vector<std::int32_t> m_channelSums;
};

/// What is added to each sum: one of the two, with as many elements as the output, in the same order; nothing when both are null.
struct Int8Residual {
    const std::uint8_t* bytes = nullptr;
    const float* floats = nullptr;
    std::int32_t zeroPoint = 0; ///< of bytes
    float factor = 1;           ///< of bytes less their zero point, or of floats
};

/// Scales and sums of channels are read up to sixteen at a time, also for the last channels.
inline constexpr std::int64_t int8ScaleReadAhead = 15;

/// What happens to a 32-bit sum s of channel c: f = s · factor[c] + offset[c] + residual, limited to [low, high]; then stored as float, or
/// rounded half to even, moved by `zeroPoint` and stored as a byte. With `rowFactor`, factor[c] · rowFactor[row] takes the place of
/// factor[c].
struct Int8Output {
    std::span<const float> factor, offset; ///< one for each output channel, and int8ScaleReadAhead more
    float low = 0, high = 0;
    std::int32_t zeroPoint = 0;
    std::uint8_t* bytes = nullptr; ///< one of the two; channels-last
    float* floats = nullptr;
    const float* rowFactor = nullptr; ///< one for each row (pixel) of the call, or null
    Int8Residual residual = {};

    /// Goes on to what lies so many elements behind.
    void advance(std::int64_t elements) {
        if (bytes) bytes += elements;
        if (floats) floats += elements;
        if (residual.bytes) residual.bytes += elements;
        if (residual.floats) residual.floats += elements;
    }
    [[nodiscard]] Int8Output advanced(std::int64_t elements) const {
        Int8Output moved = *this;
        moved.advance(elements);
        return moved;
    }
};

/// The zero point of inputs that are bytes. From words it was subtracted before, so that it counts for nothing with them.
struct Int8InputZeroPoint {
    std::int32_t value = 0;
    const std::int32_t* perRow = nullptr; ///< one for each row (pixel) of the call, or null
};

/// `count` elements as 16-bit numbers with the zero point subtracted.
void widen(const std::uint8_t* bytes, std::int64_t count, std::int32_t zeroPoint, std::int16_t* out);

/// Elements that an image buffer must have behind its last one, because the kernels read whole steps (sixteen channels of a depthwise
/// convolution).
inline constexpr std::int64_t int8ReadAhead = 16;

/// One row of output pixels. `image` is a padded channels-last image at the first input of the row's first pixel: of 16-bit numbers (zero
/// point subtracted, so padding is 0) or bytes (padding is the zero point), as the weights' form says; `segments` are the offsets for its
/// row stride; `output` at the row's first pixel.
void convolveRow(const Int8Weights& weights, const std::int16_t* image, std::span<const std::int64_t> segments, std::int64_t pixels,
                 Int8InputZeroPoint zeroPoint, const Int8Output& output);
void convolveRow(const Int8Weights& weights, const std::uint8_t* image, std::span<const std::int64_t> segments, std::int64_t pixels,
                 Int8InputZeroPoint zeroPoint, const Int8Output& output);

/// `rows` rows of a linear layer, `rowStride` elements apart, through the channels of `blocks` of each group.
void linearRows(const Int8Weights& weights, const std::int16_t* inputs, std::int64_t rowStride, std::int64_t rows, ItemRange blocks,
                Int8InputZeroPoint zeroPoint, const Int8Output& output);
void linearRows(const Int8Weights& weights, const std::uint8_t* inputs, std::int64_t rowStride, std::int64_t rows, ItemRange blocks,
                Int8InputZeroPoint zeroPoint, const Int8Output& output);

} // namespace lathe::runtime
