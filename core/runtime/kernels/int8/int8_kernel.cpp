#include <core/runtime/kernels/int8/int8_kernel.h>

#include <algorithm>
#include <array>
#include <type_traits>

#include <core/runtime/cpu.h>
#include <core/runtime/kernels/int8/int8_tile.h>

namespace lathe::runtime {

Int8Instructions int8Instructions() {
    static const bool hasVnni = cpuHasAvx2() && mayUseAvx512() && __builtin_cpu_supports("avx512vnni") &&
                                __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
    return hasVnni ? Int8Instructions::Avx512Vnni : cpuHasAvx2() ? Int8Instructions::Avx2 : Int8Instructions::Portable;
}

bool areBytes(std::span<const std::int16_t> weights) {
    return std::ranges::all_of(weights, [](std::int16_t weight) { return weight >= -128 && weight <= 127; });
}

Int8Weights::Int8Weights(const ConvolutionShape& shape, std::span<const std::int16_t> weights, Int8Instructions instructions)
    : m_shape(shape), m_instructions(instructions) {
    if (instructions == Int8Instructions::Avx512Vnni && !areBytes(weights)) m_instructions = Int8Instructions::Avx2;
    const std::int64_t inPerGroup = shape.inChannels / shape.groups;
    m_wholeRows = shape.groups == 1 && shape.window.dilationWidth == 1;
    m_segments = m_wholeRows ? shape.window.kernelHeight : shape.window.kernelHeight * shape.window.kernelWidth;
    m_segmentInputs = (m_wholeRows ? shape.window.kernelWidth : 1) * inPerGroup;
    m_steps = (m_segmentInputs + stepInputs() - 1) / stepInputs();
    m_blocks = (shape.outChannels / shape.groups + blockChannels() - 1) / blockChannels();
    pack(weights);
}

void Int8Weights::pack(std::span<const std::int16_t> weights) {
    const auto size = static_cast<std::size_t>(m_shape.groups * m_blocks * blockSize());
    const bool isBytes = form() == Int8Form::Bytes;
    if (isBytes) {
        m_bytes.assign(size, 0);
        m_channelSums.assign(static_cast<std::size_t>(m_shape.outChannels + int8ScaleReadAhead), 0);
    } else {
        m_words.assign(size, 0);
    }
    const std::int64_t inPerGroup = m_shape.inChannels / m_shape.groups, outPerGroup = m_shape.outChannels / m_shape.groups;
    const Window& window = m_shape.window;
    const auto* weight = weights.data();
    for (std::int64_t out = 0; out < m_shape.outChannels; ++out) {
        const std::int64_t channel = out % outPerGroup;
        const std::int64_t block = (out / outPerGroup) * m_blocks + channel / blockChannels();
        for (std::int64_t in = 0; in < inPerGroup; ++in) {
            for (std::int64_t y = 0; y < window.kernelHeight; ++y) {
                for (std::int64_t x = 0; x < window.kernelWidth; ++x, ++weight) {
                    const std::int64_t segment = m_wholeRows ? y : y * window.kernelWidth + x;
                    const std::int64_t input = m_wholeRows ? x * inPerGroup + in : in;
                    const std::int64_t step = (block * m_segments + segment) * m_steps + input / stepInputs();
                    const auto at = static_cast<std::size_t>((step * blockChannels() + channel % blockChannels()) * stepInputs() +
                                                             input % stepInputs());
                    if (isBytes) {
                        m_bytes[at] = static_cast<std::int8_t>(*weight);
                        m_channelSums[static_cast<std::size_t>(out)] += *weight;
                    } else {
                        m_words[at] = *weight;
                    }
                }
            }
        }
    }
}

void Int8Weights::segmentOffsets(std::int64_t rowStride, std::vector<std::int64_t>& offsets) const {
    m_shape.positionOffsets(rowStride, m_wholeRows, offsets);
}

void widen(const std::uint8_t* bytes, std::int64_t count, std::int32_t zeroPoint, std::int16_t* out) {
    for (std::int64_t index = 0; index < count; ++index)
        out[index] = static_cast<std::int16_t>(bytes[index] - zeroPoint);
}

namespace {

/// `rows` pixels or rows, `stride` elements apart, through the channels of `range`. Channels are outside, so that their weights stay in the
/// nearest cache. `weightsOf(group, block)` and `runTile(tile, place)` are those of the form.
/// `runAll` of the same, with all rows in the tile, where it can: it says whether.
template<class Input, class WeightsOf, class RunAll, class RunTile>
void runRows(const Int8Weights& weights, const Input* inputs, std::int64_t stride, std::int64_t rows, ItemRange range,
             std::span<const std::int64_t> segments, const WeightsOf& weightsOf, const RunAll& runAll, const RunTile& runTile) {
    using FormTile = std::conditional_t<std::is_same_v<Input, std::uint8_t>, ByteTile, WordTile>;
    const ConvolutionShape& shape = weights.shape();
    const std::int64_t outPerGroup = shape.outChannels / shape.groups, inPerGroup = shape.inChannels / shape.groups;
    const std::int64_t lanes = weights.blockChannels();
    // With all channels in one tile, pixels are written in order, and what runs over is overwritten, but for the last pixels, so that no
    // overrun reaches past the end.
    const bool writesInOrder = shape.groups == 1 && weights.blocksPerGroup() <= tileBlocks && range.begin == 0;
    const std::int64_t overrun = weights.blocksPerGroup() * lanes - outPerGroup;
    const std::int64_t exactRows = (overrun + outPerGroup - 1) / std::max<std::int64_t>(1, outPerGroup);
    for (std::int64_t group = 0; group < shape.groups; ++group) {
        for (std::int64_t block = range.begin; block < range.end; block += tileBlocks) {
            const std::int64_t blocks = std::min(tileBlocks, range.end - block);
            FormTile tile{
                inputs + group * inPerGroup, stride, weightsOf(group, block), weights.blockSize(), segments, weights.steps(), rows, blocks};
            TileOutput place{group * outPerGroup + block * lanes, (group + 1) * outPerGroup, 0, shape.outChannels, false};
            if (runAll(tile, place)) continue;
            const std::int64_t rowsAtOnce = evenTileRows(rows, blocks);
            for (std::int64_t row = 0; row < rows; row += rowsAtOnce) {
                tile.input = inputs + group * inPerGroup + row * stride;
                tile.rows = std::min(rowsAtOnce, rows - row);
                place.row = row;
                place.mayOverrun = writesInOrder && row + rowsAtOnce + exactRows <= rows;
                runTile(tile, place);
            }
        }
    }
}

void runWords(const Int8Weights& weights, const std::int16_t* inputs, std::int64_t stride, std::int64_t rows, ItemRange range,
              std::span<const std::int64_t> segments, const Int8Output& output) {
    const auto run = weights.instructions() == Int8Instructions::Avx2 ? runTileAvx2 : runTilePortable;
    runRows(
        weights, inputs, stride, rows, range, segments,
        [&weights](std::int64_t group, std::int64_t block) { return weights.words(group, block); },
        [](const WordTile&, const TileOutput&) { return false; },
        [run, &output](const WordTile& tile, const TileOutput& place) { run(tile, place, output); });
}

void runBytes(const Int8Weights& weights, const std::uint8_t* inputs, std::int64_t stride, std::int64_t rows, ItemRange range,
              std::span<const std::int64_t> segments, Int8InputZeroPoint zeroPoint, const Int8Output& output) {
    runRows(
        weights, inputs, stride, rows, range, segments,
        [&weights](std::int64_t group, std::int64_t block) { return weights.bytes(group, block); },
        [&](const ByteTile& all, const TileOutput& place) {
            const std::int64_t largestSum = weights.shape().productsPerResult() * largestProduct;
            return runWholeBlocksVnni(all, place, weights.channelSums(), zeroPoint, largestSum, output);
        },
        [&](const ByteTile& tile, const TileOutput& place) { runTileVnni(tile, place, weights.channelSums(), zeroPoint, output); });
}

constexpr std::array<std::int64_t, 1> wholeRow = {0};

} // namespace

void convolveRow(const Int8Weights& weights, const std::int16_t* image, std::span<const std::int64_t> segments, std::int64_t pixels,
                 Int8InputZeroPoint, const Int8Output& output) {
    runWords(weights, image, weights.shape().pixelStride(), pixels, {0, weights.blocksPerGroup()}, segments, output);
}

void convolveRow(const Int8Weights& weights, const std::uint8_t* image, std::span<const std::int64_t> segments, std::int64_t pixels,
                 Int8InputZeroPoint zeroPoint, const Int8Output& output) {
    runBytes(weights, image, weights.shape().pixelStride(), pixels, {0, weights.blocksPerGroup()}, segments, zeroPoint, output);
}

void linearRows(const Int8Weights& weights, const std::int16_t* inputs, std::int64_t rowStride, std::int64_t rows, ItemRange blocks,
                Int8InputZeroPoint, const Int8Output& output) {
    runWords(weights, inputs, rowStride, rows, blocks, wholeRow, output);
}

void linearRows(const Int8Weights& weights, const std::uint8_t* inputs, std::int64_t rowStride, std::int64_t rows, ItemRange blocks,
                Int8InputZeroPoint zeroPoint, const Int8Output& output) {
    runBytes(weights, inputs, rowStride, rows, blocks, wholeRow, zeroPoint, output);
}

} // namespace lathe::runtime
