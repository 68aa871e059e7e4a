#include <core/runtime/kernels/winograd/winograd_convolution.h>

#include <algorithm>
#include <array>

#include <core/runtime/cpu.h>

namespace lathe::runtime {

namespace {

using WeightTransform = std::array<std::array<double, 3>, 6>;

/// The matrix G that transforms weights: a row for each point p, (1, p, p²) over the product of its distances from the others. Those of
/// inputs and results are in winograd_loops.h.
WeightTransform weightTransform(int tileSize) {
    if (tileSize == 2) return {{{1, 0, 0}, {0.5, 0.5, 0.5}, {0.5, -0.5, 0.5}, {0, 0, 1}}};
    const auto [a, b] = winogradPoints;
    const auto row = [](double point, double other) {
        const double distances = 2 * point * point * (point * point - other * other);
        return std::array{1 / distances, point / distances, point * point / distances};
    };
    return {{{1 / (a * a * b * b), 0, 0}, row(a, b), row(-a, b), row(b, a), row(-b, a), {0, 0, 1}}};
}

std::int64_t roundedUp(std::int64_t number, std::int64_t multiple) { return (number + multiple - 1) / multiple * multiple; }

const WinogradLoops& widestLoops() { return mayUseAvx512() ? winogradLoopsAvx512() : winogradLoopsAvx2(); }

} // namespace

bool hasWinogradForm(const ConvolutionShape& shape) {
    const Window& window = shape.window;
    return window.kernelHeight == 3 && window.kernelWidth == 3 && window.strideHeight == 1 && window.strideWidth == 1 &&
           window.dilationHeight == 1 && window.dilationWidth == 1 && shape.groups == 1;
}

std::int64_t winogradWeightBytes(const ConvolutionShape& shape, int tileSize) {
    const std::int64_t side = tileSize + 2;
    return side * side * shape.inChannels * roundedUp(shape.outChannels, winogradGroupChannels) * static_cast<std::int64_t>(sizeof(float));
}

std::int64_t winogradChunkTiles(std::int64_t tiles, int threads, std::int64_t tileRows, std::int64_t tileBytes) {
    // Weights are read once in each chunk.
    constexpr std::int64_t cacheBytes = 600'000;
    const std::int64_t rows = tileRows * threads;
    const std::int64_t most = std::max(rows, cacheBytes * threads / tileBytes / rows * rows);
    const std::int64_t chunks = std::max<std::int64_t>(1, (tiles + most - 1) / most);
    return std::min(tiles, roundedUp((tiles + chunks - 1) / chunks, tileRows));
}

WinogradConvolution::WinogradConvolution(const ConvolutionShape& shape, const Options& options, std::span<const float> weights,
                                         std::span<const float> bias, const WinogradLoops* loops)
    : m_shape(shape), m_options(options), m_loops(loops != nullptr ? loops : &widestLoops()),
      m_inputStride(roundedUp(shape.inChannels, m_loops->lanes)),
      m_weights(static_cast<std::size_t>(winogradWeightBytes(shape, m_options.tileSize)) / sizeof(float)),
      m_bias(static_cast<std::size_t>(roundedUp(shape.outChannels, winogradGroupChannels))),
      m_nothing(static_cast<std::size_t>(m_inputStride)) {
    std::ranges::copy(bias, m_bias.begin());
    const auto side = static_cast<std::size_t>(m_options.tileSize) + 2;
    const WeightTransform transform = weightTransform(m_options.tileSize);
    const std::int64_t blockChannels = m_loops->blockChannels, blocks = std::ssize(m_bias) / blockChannels;
    const float* weight = weights.data();
    for (std::int64_t out = 0; out < shape.outChannels; ++out) {
        for (std::int64_t in = 0; in < shape.inChannels; ++in, weight += 9) {
            WeightTransform rows{};
            for (std::size_t row = 0; row < side; ++row) {
                for (std::size_t from = 0; from < 3; ++from) {
                    for (std::size_t column = 0; column < 3; ++column)
                        rows[row][column] += transform[row][from] * static_cast<double>(weight[from * 3 + column]);
                }
            }
            for (std::size_t row = 0; row < side; ++row) {
                for (std::size_t column = 0; column < side; ++column) {
                    double sum = 0;
                    for (std::size_t from = 0; from < 3; ++from)
                        sum += transform[column][from] * rows[row][from];
                    const std::int64_t block = static_cast<std::int64_t>(row * side + column) * blocks + out / blockChannels;
                    m_weights[static_cast<std::size_t>((block * shape.inChannels + in) * blockChannels + out % blockChannels)] =
                        static_cast<float>(sum);
                }
            }
        }
    }
}

WinogradImages winogradImages(const ConvolutionShape& shape, int tileSize, std::int64_t batch, std::int64_t height, std::int64_t width) {
    const Window& window = shape.window;
    return {.batch = batch,
            .height = height,
            .width = width,
            .outHeight = window.outHeight(height),
            .outWidth = window.outWidth(width),
            .paddingHeight = window.paddingHeight,
            .paddingWidth = window.paddingWidth,
            .tileSize = tileSize};
}

std::int64_t WinogradConvolution::chunkTiles(std::int64_t tiles, int threads) const {
    return winogradChunkTiles(tiles, threads, m_loops->tileRows,
                              (inputFloats(1) + productFloats(1)) * static_cast<std::int64_t>(sizeof(float)));
}

WinogradJob WinogradConvolution::job(const WinogradImages& images, ItemRange chunk, const float* input, float* result,
                                     float* inputs) const {
    WinogradJob job;
    job.images = images;
    job.chunk = chunk;
    job.input = input;
    job.result = result;
    job.inChannels = m_shape.inChannels;
    job.outChannels = m_shape.outChannels;
    job.inputStride = m_inputStride;
    job.weights = m_weights.data();
    job.weightBlocks = std::ssize(m_bias) / m_loops->blockChannels;
    job.bias = m_bias.data();
    job.nothing = m_nothing.data();
    job.addsResult = m_options.addsResult;
    job.function = m_options.function;
    job.inputs = inputs;
    return job;
}

} // namespace lathe::runtime
