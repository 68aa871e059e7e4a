#include <core/runtime/kernels/cpu/int8_layer_torch.h>

#include <algorithm>
#include <array>
#include <limits>

#include <ATen/Functions.h>
#include <ATen/Parallel.h>

#include <core/runtime/kernels/cpu/int8_kernel.h>
#include <core/runtime/kernels/cpu/int8_layer_shape_torch.h>
#include <core/runtime/qdq_torch.h>

namespace lathe::runtime {

namespace {

/// Multiply-accumulates that are worth a second thread: about 20 µs of work.
constexpr std::int64_t grainMacs = 500'000;

std::int64_t grain(std::int64_t macsPerItem) { return std::max<std::int64_t>(1, grainMacs / std::max<std::int64_t>(1, macsPerItem)); }

/// 16-bit numbers of one thread, kept between calls.
std::int16_t* scratch(std::int64_t elements) {
    thread_local std::vector<std::int16_t> buffer;
    if (buffer.size() < static_cast<std::size_t>(elements)) buffer.resize(static_cast<std::size_t>(elements));
    return buffer.data();
}

Int8Weights pack(const Int8Layer& layer, const at::Tensor& weight) {
    const ConvolutionShape shape = shapeOf(layer, weight);
    const at::Tensor wide = weight.to(at::kLong).contiguous();
    const auto* values = wide.const_data_ptr<std::int64_t>();
    const std::int64_t perChannel = shape.outChannels == 0 ? 0 : wide.numel() / shape.outChannels;
    std::vector<std::int16_t> centred(static_cast<std::size_t>(wide.numel()));
    for (std::size_t index = 0; index < centred.size(); ++index) {
        const std::size_t channel = index / static_cast<std::size_t>(perChannel);
        const std::int64_t zeroPoint = layer.weightZeroPoints[layer.weightZeroPoints.size() == 1 ? 0 : channel];
        centred[index] = static_cast<std::int16_t>(values[index] - zeroPoint);
    }
    return {shape, centred};
}

class LatheKernel final : public Int8LayerKernel {
public:
    LatheKernel(const Int8Layer& layer, const at::Tensor& weight, const at::Tensor& bias) : m_layer(layer), m_weights(pack(layer, weight)) {
        m_bias.assign(static_cast<std::size_t>(m_weights.shape().outChannels), 0);
        if (bias.defined()) {
            const at::Tensor plain = bias.contiguous();
            std::copy_n(plain.const_data_ptr<float>(), m_bias.size(), m_bias.begin());
        }
        const auto* grid = std::get_if<ActivationGrid>(&layer.input);
        m_scales = scalesFor(grid ? grid->scale : 1.0);
    }

    at::Tensor run(const at::Tensor& input) const override {
        checkInputFits(m_layer, m_weights.shape(), input);
        if (const auto* grid = std::get_if<ActivationGrid>(&m_layer.input)) return runBytes(input, grid->zeroPoint, m_scales);
        // A dynamic layer: the grid is that of this very input.
        const auto& dynamic = std::get<DynamicGrid>(m_layer.input);
        if (dynamic.scheme == RangeScheme::AffinePerToken) return multiplyPerToken(input);
        const auto [scale, zeroPoint] = chooseParameters(input, dynamic.range, dynamic.epsilon, dynamic.scheme);
        const std::int64_t shift = dynamic.range.dtype == tensor::DType::Int8 ? 128 : 0;
        const ActivationGrid grid{scale, zeroPoint + shift, dynamic.range.minimum + shift, dynamic.range.maximum + shift};
        return runBytes(quantizeBytes(input, grid), grid.zeroPoint, scalesFor(scale));
    }

private:
    struct Scales {
        std::vector<float> factor, offset;
    };

    Scales scalesFor(double inputScale) const {
        const double outputScale = m_layer.output ? m_layer.output->scale : 1.0;
        Scales scales;
        for (std::size_t channel = 0; channel < m_bias.size(); ++channel) {
            const double weightScale = m_layer.weightScales[m_layer.weightScales.size() == 1 ? 0 : channel];
            scales.factor.push_back(static_cast<float>(inputScale * weightScale / outputScale));
            scales.offset.push_back(static_cast<float>(m_bias[channel] / outputScale));
        }
        scales.factor.resize(m_bias.size() + int8ScaleReadAhead);
        scales.offset.resize(m_bias.size() + int8ScaleReadAhead);
        return scales;
    }

    at::Tensor runBytes(const at::Tensor& input, std::int64_t zeroPoint, const Scales& scales) const {
        return m_layer.isConvolution ? convolve(input, static_cast<std::int32_t>(zeroPoint), scales)
                                     : multiply(input, static_cast<std::int32_t>(zeroPoint), scales);
    }

    Int8Output outputInto(at::Tensor& result, const Scales& scales) const {
        constexpr float infinity = std::numeric_limits<float>::infinity();
        Int8Output output{scales.factor, scales.offset, m_layer.hasRelu ? 0.0f : -infinity, infinity, 0};
        if (m_layer.output) {
            const ActivationGrid& grid = *m_layer.output;
            output.zeroPoint = static_cast<std::int32_t>(grid.zeroPoint);
            output.low = std::max(output.low, static_cast<float>(grid.minimum - grid.zeroPoint));
            output.high = static_cast<float>(grid.maximum - grid.zeroPoint);
            output.bytes = static_cast<std::uint8_t*>(result.mutable_data_ptr());
        } else {
            output.floats = result.mutable_data_ptr<float>();
        }
        return output;
    }
    static Int8Output advanced(Int8Output output, std::int64_t elements) {
        if (output.bytes) output.bytes += elements;
        if (output.floats) output.floats += elements;
        return output;
    }
    at::Tensor emptyResult(at::IntArrayRef sizes, at::MemoryFormat format) const {
        if (m_layer.output) return emptyBytes(sizes, *m_layer.output, format);
        return at::empty(sizes, at::TensorOptions(at::kFloat).memory_format(format));
    }

    at::Tensor convolve(const at::Tensor& given, std::int32_t zeroPoint, const Scales& scales) const {
        const ConvolutionShape& shape = m_weights.shape();
        const at::Tensor batched = given.dim() == 3 ? given.unsqueeze(0) : given;
        const at::Tensor input = batched.contiguous(at::MemoryFormat::ChannelsLast);
        const std::int64_t images = input.size(0), height = input.size(2), width = input.size(3);
        const std::int64_t outHeight = shape.window.outHeight(height), outWidth = shape.window.outWidth(width);
        at::Tensor result = emptyResult({images, shape.outChannels, outHeight, outWidth}, at::MemoryFormat::ChannelsLast);
        const Int8Output output = outputInto(result, scales);
        const auto* bytes = static_cast<const std::uint8_t*>(input.const_data_ptr());

        const std::int64_t paddedHeight = height + 2 * shape.window.paddingHeight,
                           rowStride = (width + 2 * shape.window.paddingWidth) * shape.inChannels;
        const std::vector<std::int64_t> segments = m_weights.segmentOffsets(rowStride);
        const std::int64_t rowMacs =
            outWidth * shape.outChannels * shape.inChannels / shape.groups * shape.window.kernelHeight * shape.window.kernelWidth;
        const Int8Instructions instructions = int8Instructions();
        const auto prepare = [&](std::int64_t image) {
            std::int16_t* padded = scratch(paddedHeight * rowStride + int8ReadAhead);
            widenImage(bytes + image * height * width * shape.inChannels, height, width * shape.inChannels, rowStride, zeroPoint, padded);
            return padded;
        };
        const auto rows = [&](const std::int16_t* padded, std::int64_t image, std::int64_t begin, std::int64_t end) {
            for (std::int64_t row = begin; row < end; ++row) {
                convolveRow(m_weights, padded + row * shape.window.strideHeight * rowStride, segments, outWidth,
                            advanced(output, (image * outHeight + row) * outWidth * shape.outChannels), instructions);
            }
        };
        if (images >= at::get_num_threads()) {
            at::parallel_for(0, images, grain(rowMacs * outHeight), [&](std::int64_t begin, std::int64_t end) {
                for (std::int64_t image = begin; image < end; ++image)
                    rows(prepare(image), image, 0, outHeight);
            });
        } else {
            for (std::int64_t image = 0; image < images; ++image) {
                const std::int16_t* padded = prepare(image);
                at::parallel_for(0, outHeight, grain(rowMacs),
                                 [&](std::int64_t begin, std::int64_t end) { rows(padded, image, begin, end); });
            }
        }
        // Floats go to operators that may want rows in the usual order (view).
        if (!m_layer.output) result = result.contiguous();
        return given.dim() == 3 ? result.squeeze(0) : result;
    }

    /// An image into the middle of a padded one, whose border is 0.
    void widenImage(const std::uint8_t* bytes, std::int64_t height, std::int64_t rowBytes, std::int64_t rowStride, std::int32_t zeroPoint,
                    std::int16_t* padded) const {
        const ConvolutionShape& shape = m_weights.shape();
        if (rowStride == rowBytes && shape.window.paddingHeight == 0) {
            widen(bytes, height * rowBytes, zeroPoint, padded);
            std::fill_n(padded + height * rowBytes, int8ReadAhead, std::int16_t{0});
            return;
        }
        const std::int64_t left = shape.window.paddingWidth * shape.inChannels;
        std::fill_n(padded, shape.window.paddingHeight * rowStride, std::int16_t{0});
        std::int16_t* row = padded + shape.window.paddingHeight * rowStride;
        for (std::int64_t y = 0; y < height; ++y, row += rowStride) {
            std::fill_n(row, left, std::int16_t{0});
            widen(bytes + y * rowBytes, rowBytes, zeroPoint, row + left);
            std::fill_n(row + left + rowBytes, left, std::int16_t{0});
        }
        std::fill_n(row, shape.window.paddingHeight * rowStride + int8ReadAhead, std::int16_t{0});
    }

    at::Tensor multiply(const at::Tensor& given, std::int32_t zeroPoint, const Scales& scales) const {
        const ConvolutionShape& shape = m_weights.shape();
        const bool flattens = m_layer.flattens && given.dim() > 2;
        // Bytes in channels-last order are put in order while they are widened.
        const bool reorders = flattens && given.dim() == 4 && given.is_contiguous(at::MemoryFormat::ChannelsLast) && !given.is_contiguous();
        const at::Tensor input = reorders ? given : given.contiguous();
        std::vector<std::int64_t> sizes = input.sizes().vec();
        if (flattens) sizes.resize(2);
        sizes.back() = shape.outChannels;
        at::Tensor result = emptyResult(sizes, at::MemoryFormat::Contiguous);
        const Int8Output output = outputInto(result, scales);
        const std::int64_t count = shape.outChannels == 0 ? 0 : result.numel() / shape.outChannels;
        const auto* bytes = static_cast<const std::uint8_t*>(input.const_data_ptr());
        const std::int64_t channels = reorders ? input.size(1) : 1;
        const Int8Instructions instructions = int8Instructions();
        at::parallel_for(0, count, grain(shape.inChannels * shape.outChannels), [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t first = begin; first < end; first += rowsAtOnce) {
                const std::int64_t rows = std::min(rowsAtOnce, end - first);
                std::int16_t* wide = scratch(rows * shape.inChannels + int8ReadAhead);
                widenRows(bytes + first * shape.inChannels, rows, channels, zeroPoint, wide);
                linearRows(m_weights, wide, shape.inChannels, rows, advanced(output, first * shape.outChannels), instructions);
            }
        });
        return result;
    }

    /// A linear layer of which each row brings its own scale and zero point.
    at::Tensor multiplyPerToken(const at::Tensor& given) const {
        const ConvolutionShape& shape = m_weights.shape();
        const at::Tensor input = given.to(at::kFloat).contiguous();
        std::vector<std::int64_t> sizes = input.sizes().vec();
        sizes.back() = shape.outChannels;
        at::Tensor result = emptyResult(sizes, at::MemoryFormat::Contiguous);
        const Int8Output output = outputInto(result, m_scales);
        const std::int64_t features = shape.inChannels;
        const std::int64_t count = shape.outChannels == 0 ? 0 : result.numel() / shape.outChannels;
        const auto* values = input.const_data_ptr<float>();
        const Int8Instructions instructions = int8Instructions();
        at::parallel_for(0, count, grain(features * shape.outChannels), [&](std::int64_t begin, std::int64_t end) {
            thread_local std::vector<std::uint8_t> bytes;
            bytes.resize(static_cast<std::size_t>(features));
            std::array<float, rowsAtOnce> rowFactor{};
            for (std::int64_t first = begin; first < end; first += rowsAtOnce) {
                const std::int64_t rows = std::min(rowsAtOnce, end - first);
                std::int16_t* wide = scratch(rows * features + int8ReadAhead);
                std::fill_n(wide + rows * features, int8ReadAhead, std::int16_t{0});
                for (std::int64_t row = 0; row < rows; ++row) {
                    const float* from = values + (first + row) * features;
                    const TokenGrid grid = chooseTokenGrid(from, features);
                    quantizeFloats(from, features, 1.0f / grid.scale, grid.zeroPoint + 128, 0, 255, bytes.data(), instructions);
                    widen(bytes.data(), features, grid.zeroPoint + 128, wide + row * features);
                    rowFactor[static_cast<std::size_t>(row)] = grid.scale;
                }
                Int8Output part = advanced(output, first * shape.outChannels);
                part.rowFactor = rowFactor.data();
                linearRows(m_weights, wide, features, rows, part, instructions);
            }
        });
        return result;
    }

    /// Rows that are widened together: their inputs stay in the nearest cache while all weights pass by once.
    static constexpr std::int64_t rowsAtOnce = 32;

    void widenRows(const std::uint8_t* bytes, std::int64_t rows, std::int64_t channels, std::int32_t zeroPoint, std::int16_t* wide) const {
        const std::int64_t features = m_weights.shape().inChannels;
        std::fill_n(wide + rows * features, int8ReadAhead, std::int16_t{0});
        if (channels == 1) {
            widen(bytes, rows * features, zeroPoint, wide);
            return;
        }
        const std::int64_t pixels = features / channels;
        for (std::int64_t row = 0; row < rows; ++row, bytes += features, wide += features) {
            for (std::int64_t pixel = 0; pixel < pixels; ++pixel) {
                for (std::int64_t channel = 0; channel < channels; ++channel)
                    wide[channel * pixels + pixel] = static_cast<std::int16_t>(bytes[pixel * channels + channel] - zeroPoint);
            }
        }
    }

    Int8Layer m_layer;
    Int8Weights m_weights;
    std::vector<float> m_bias;
    Scales m_scales; ///< for the input's scale, or for 1 where each call or row has its own
};

} // namespace

std::unique_ptr<Int8LayerKernel> makeLatheKernel(const Int8Layer& layer, const at::Tensor& weight, const at::Tensor& bias) {
    return std::make_unique<LatheKernel>(layer, weight, bias);
}

at::Tensor emptyBytes(at::IntArrayRef sizes, const ActivationGrid& grid, at::MemoryFormat format) {
    return at::_empty_affine_quantized(sizes, at::TensorOptions(at::kQUInt8).memory_format(format), grid.scale, grid.zeroPoint,
                                       std::nullopt);
}

at::Tensor quantizeBytes(const at::Tensor& input, const ActivationGrid& grid) {
    const at::MemoryFormat format = input.suggest_memory_format();
    const at::Tensor plain = input.to(at::kFloat).contiguous(format);
    at::Tensor bytes = emptyBytes(plain.sizes(), grid, format);
    const auto* from = plain.const_data_ptr<float>();
    auto* to = static_cast<std::uint8_t*>(bytes.mutable_data_ptr());
    const auto inverse = static_cast<float>(1.0 / grid.scale);
    at::parallel_for(0, plain.numel(), 1 << 17, [&](std::int64_t begin, std::int64_t end) {
        quantizeFloats(from + begin, end - begin, inverse, static_cast<std::int32_t>(grid.zeroPoint),
                       static_cast<std::int32_t>(grid.minimum), static_cast<std::int32_t>(grid.maximum), to + begin, int8Instructions());
    });
    return bytes;
}

} // namespace lathe::runtime
