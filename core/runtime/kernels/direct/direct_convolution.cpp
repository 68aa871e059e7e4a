#include <core/runtime/kernels/direct/direct_convolution.h>

#include <algorithm>
#include <array>

#include <core/runtime/cpu.h>
#include <core/runtime/kernels/padded_rows.h>

namespace lathe::runtime {

namespace {

const DirectLoops& widestLoops() { return mayUseAvx512() ? directLoopsAvx512() : directLoopsAvx2(); }

/// More are not computed at once.
constexpr std::int64_t mostRows = 64;

/// Do the inputs of a row of the kernel lie side by side?
bool hasWholeRows(const ConvolutionShape& shape) { return shape.window.dilationWidth == 1; }

} // namespace

DirectConvolution::DirectConvolution(const ConvolutionShape& shape, const Options& options, std::span<const float> weights,
                                     std::span<const float> bias, const DirectLoops* loops)
    : m_shape(shape), m_options(options), m_loops(loops != nullptr ? loops : &widestLoops()) {
    const Window& window = shape.window;
    m_depth = hasWholeRows(shape) ? window.kernelWidth * shape.inChannels : shape.inChannels;
    m_bias.resize(static_cast<std::size_t>(blocks() * m_loops->blockChannels));
    std::ranges::copy(bias, m_bias.begin());
    // Segments lie one behind the other, whichever they are: height, width, input channel.
    const std::int64_t numbers = shape.productsPerResult();
    m_weights.resize(m_bias.size() * static_cast<std::size_t>(numbers));
    for (std::int64_t out = 0; out < shape.outChannels; ++out) {
        const std::int64_t block = out / m_loops->blockChannels, first = block * m_loops->blockChannels;
        const std::int64_t width = shape.outChannels - first > m_loops->lanes ? m_loops->blockChannels : m_loops->lanes;
        float* to = m_weights.data() + first * numbers + (out - first);
        for (std::int64_t y = 0; y < window.kernelHeight; ++y) {
            for (std::int64_t x = 0; x < window.kernelWidth; ++x) {
                for (std::int64_t in = 0; in < shape.inChannels; ++in, to += width)
                    *to = weights[shape.weightAt(out, in, y, x)];
            }
        }
    }
}

std::int64_t DirectConvolution::blocks() const { return (m_shape.outChannels + m_loops->blockChannels - 1) / m_loops->blockChannels; }

std::int64_t DirectConvolution::rowFloats(const Images& images) const {
    return (images.width + 2 * m_shape.window.paddingWidth) * m_shape.inChannels;
}

std::int64_t DirectConvolution::bandRows(const Images& images) const {
    // Weights go by once in each band, so that many of them want large bands.
    const std::int64_t cacheFloats = std::clamp<std::int64_t>(std::ssize(m_weights), 40'000, 160'000);
    const std::int64_t inputs = m_shape.window.strideHeight * rowFloats(images);
    const std::int64_t results = m_shape.window.outWidth(images.width) * m_shape.outChannels;
    return std::clamp<std::int64_t>(cacheFloats / std::max<std::int64_t>(1, inputs + results), 1, mostRows);
}

std::int64_t DirectConvolution::paddedFloats(const Images& images) const {
    const Window& window = m_shape.window;
    if (!window.pads()) return 0;
    // Rows of several images have nothing in common.
    const std::int64_t outHeight = std::max<std::int64_t>(1, window.outHeight(images.height));
    const std::int64_t rows = bandRows(images), parts = std::min(rows, (rows - 1) / outHeight + 2);
    return (rows * window.strideHeight + parts * window.reachHeight()) * rowFloats(images);
}

void DirectConvolution::compute(const Images& images, ItemRange rows, ItemRange blocks, float* padded) const {
    const std::int64_t count = rows.end - rows.begin, bands = (count + bandRows(images) - 1) / bandRows(images);
    const std::int64_t most = bands == 0 ? 1 : (count + bands - 1) / bands;
    for (std::int64_t first = rows.begin; first < rows.end; first += most)
        computeBand(images, {first, std::min(rows.end, first + most)}, blocks, padded);
}

void DirectConvolution::computeBand(const Images& images, ItemRange rows, ItemRange blocks, float* padded) const {
    const Window& window = m_shape.window;
    const std::int64_t outHeight = window.outHeight(images.height), pixels = window.outWidth(images.width);
    const std::int64_t rowStride = rowFloats(images), imageFloats = images.height * images.width * m_shape.inChannels;
    std::array<const float*, mostRows> starts;
    std::int64_t next = rows.begin;
    while (next < rows.end) {
        const std::int64_t image = next / outHeight, row = next % outHeight;
        const std::int64_t count = std::min(rows.end - next, outHeight - row), first = row * window.strideHeight;
        const float* from = images.input + image * imageFloats;
        if (window.pads()) {
            const ItemRange seen{first, first + (count - 1) * window.strideHeight + window.reachHeight()};
            const std::int64_t left = window.paddingWidth * m_shape.inChannels, middle = rowStride - 2 * left;
            const float* const start = padded;
            padded = padRows({images.height, middle, window.paddingHeight, left}, seen, 0.0F, padded,
                             [&](std::int64_t y, float* to) { std::copy_n(from + y * middle, middle, to); });
            from = start;
        } else {
            from += first * rowStride;
        }
        for (std::int64_t at = 0; at < count; ++at)
            starts[static_cast<std::size_t>(next - rows.begin + at)] = from + at * window.strideHeight * rowStride;
        next += count;
    }
    thread_local std::vector<std::int64_t> offsets;
    m_shape.positionOffsets(rowStride, hasWholeRows(m_shape), offsets);
    DirectJob job;
    job.rows = {starts.data(), static_cast<std::size_t>(rows.end - rows.begin)};
    job.pixels = pixels;
    job.pixelStride = m_shape.pixelStride();
    job.offsets = offsets;
    job.depth = m_depth;
    job.weights = m_weights.data();
    job.bias = m_bias.data();
    job.channels = m_shape.outChannels;
    job.result = images.result + rows.begin * pixels * m_shape.outChannels;
    job.addsResult = m_options.addsResult;
    job.function = m_options.function;
    m_loops->convolve(job, blocks);
}

} // namespace lathe::runtime
