#include <core/runtime/kernels/cpu/int8_layer_torch.h>

#include <algorithm>
#include <array>
#include <limits>
#include <type_traits>

#include <ATen/Functions.h>
#include <ATen/Parallel.h>

#include <core/runtime/kernels/cpu/float_bytes.h>
#include <core/runtime/kernels/cpu/int8_kernel.h>
#include <core/runtime/kernels/cpu/int8_layer_shape_torch.h>
#include <core/runtime/qdq_torch.h>

namespace lathe::runtime {

namespace {

/// Multiply-accumulates that are worth a second thread: about 20 µs of work.
constexpr std::int64_t grainMacs = 500'000;

std::int64_t grain(std::int64_t macsPerItem) { return std::max<std::int64_t>(1, grainMacs / std::max<std::int64_t>(1, macsPerItem)); }

/// Numbers of one thread, kept between calls.
template<class Element>
Element* scratch(std::int64_t elements) {
    thread_local std::vector<Element> buffer;
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
    return {shape, centred, int8Instructions()};
}

/// Inputs as the kernel wants them: words without their zero point, or the bytes themselves.
void convert(const std::uint8_t* bytes, std::int64_t count, std::int32_t zeroPoint, std::int16_t* out) {
    widen(bytes, count, zeroPoint, out);
}
void convert(const std::uint8_t* bytes, std::int64_t count, std::int32_t, std::uint8_t* out) { std::copy_n(bytes, count, out); }

/// What stands where an image is padded.
template<class Element>
Element padding(std::int32_t zeroPoint) {
    return std::is_same_v<Element, std::uint8_t> ? static_cast<Element>(zeroPoint) : Element{0};
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
        if (dynamic.scheme == RangeScheme::AffinePerToken) {
            return m_weights.form() == Int8Form::Bytes ? multiplyPerToken<std::uint8_t>(input) : multiplyPerToken<std::int16_t>(input);
        }
        const auto [scale, zeroPoint] = chooseParameters(input, dynamic.range, dynamic.epsilon, dynamic.scheme);
        const std::int64_t shift = dynamic.range.dtype == tensor::DType::Int8 ? 128 : 0;
        const ActivationGrid grid{scale, zeroPoint + shift, dynamic.range.minimum + shift, dynamic.range.maximum + shift};
        return runBytes(quantizeBytes(input, grid), grid.zeroPoint, scalesFor(scale));
    }

    std::string_view instructions() const override {
        switch (m_weights.instructions()) {
        case Int8Instructions::Avx512Vnni:
            return "AVX-512 VNNI";
        case Int8Instructions::Avx2:
            return "AVX2";
        case Int8Instructions::Portable:
            return "portable";
        }
        return {};
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

    at::Tensor runBytes(const at::Tensor& input, std::int64_t inputZeroPoint, const Scales& scales) const {
        const auto zeroPoint = static_cast<std::int32_t>(inputZeroPoint);
        if (m_weights.form() == Int8Form::Bytes)
            return m_layer.isConvolution ? convolve<std::uint8_t>(input, zeroPoint, scales)
                                         : multiply<std::uint8_t>(input, zeroPoint, scales);
        return m_layer.isConvolution ? convolve<std::int16_t>(input, zeroPoint, scales) : multiply<std::int16_t>(input, zeroPoint, scales);
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

    template<class Element>
    at::Tensor convolve(const at::Tensor& given, std::int32_t zeroPoint, const Scales& scales) const {
        const ConvolutionShape& shape = m_weights.shape();
        const at::Tensor batched = given.dim() == 3 ? given.unsqueeze(0) : given;
        const at::Tensor input = batched.contiguous(at::MemoryFormat::ChannelsLast);
        const std::int64_t images = input.size(0), height = input.size(2), width = input.size(3);
        const std::int64_t outHeight = shape.window.outHeight(height), outWidth = shape.window.outWidth(width);
        at::Tensor result = emptyResult({images, shape.outChannels, outHeight, outWidth}, at::MemoryFormat::ChannelsLast);
        const Int8Output output = outputInto(result, scales);
        const auto* bytes = static_cast<const std::uint8_t*>(input.const_data_ptr());

        const std::int64_t rowStride = (width + 2 * shape.window.paddingWidth) * shape.inChannels;
        const std::vector<std::int64_t> segments = m_weights.segmentOffsets(rowStride);
        const std::int64_t rowMacs =
            outWidth * shape.outChannels * shape.inChannels / shape.groups * shape.window.kernelHeight * shape.window.kernelWidth;
        const auto prepare = [&](std::int64_t image) {
            return padded<Element>(bytes + image * height * width * shape.inChannels, height, width, zeroPoint);
        };
        const auto rows = [&](const Element* from, std::int64_t image, std::int64_t begin, std::int64_t end) {
            for (std::int64_t row = begin; row < end; ++row) {
                convolveRow(m_weights, from + row * shape.window.strideHeight * rowStride, segments, outWidth, {zeroPoint},
                            advanced(output, (image * outHeight + row) * outWidth * shape.outChannels));
            }
        };
        if (images >= at::get_num_threads()) {
            at::parallel_for(0, images, grain(rowMacs * outHeight), [&](std::int64_t begin, std::int64_t end) {
                for (std::int64_t image = begin; image < end; ++image)
                    rows(prepare(image), image, 0, outHeight);
            });
        } else {
            for (std::int64_t image = 0; image < images; ++image) {
                const Element* from = prepare(image);
                at::parallel_for(0, outHeight, grain(rowMacs),
                                 [&](std::int64_t begin, std::int64_t end) { rows(from, image, begin, end); });
            }
        }
        // Floats go to operators that may want rows in the usual order (view).
        if (!m_layer.output) result = result.contiguous();
        return given.dim() == 3 ? result.squeeze(0) : result;
    }

    /// An image in the middle of a padded one, in this thread's scratch memory; the image itself where that is the same.
    template<class Element>
    const Element* padded(const std::uint8_t* bytes, std::int64_t height, std::int64_t width, std::int32_t zeroPoint) const {
        const ConvolutionShape& shape = m_weights.shape();
        const Window& window = shape.window;
        const bool hasPadding = window.paddingHeight > 0 || window.paddingWidth > 0;
        if constexpr (std::is_same_v<Element, std::uint8_t>) {
            if (!hasPadding && m_weights.readsWholeSteps()) return bytes;
        }
        const std::int64_t rowBytes = width * shape.inChannels, left = window.paddingWidth * shape.inChannels;
        const std::int64_t rowStride = rowBytes + 2 * left, above = window.paddingHeight * rowStride;
        const auto border = padding<Element>(zeroPoint);
        auto* const image = scratch<Element>(2 * above + height * rowStride + int8ReadAhead);
        Element* row = std::fill_n(image, above, border);
        if (left == 0) {
            convert(bytes, height * rowBytes, zeroPoint, row);
            row += height * rowBytes;
        } else {
            for (std::int64_t y = 0; y < height; ++y) {
                row = std::fill_n(row, left, border);
                convert(bytes + y * rowBytes, rowBytes, zeroPoint, row);
                row = std::fill_n(row + rowBytes, left, border);
            }
        }
        std::fill_n(row, above + int8ReadAhead, border);
        return image;
    }

    template<class Element>
    at::Tensor multiply(const at::Tensor& given, std::int32_t zeroPoint, const Scales& scales) const {
        const ConvolutionShape& shape = m_weights.shape();
        const bool flattens = m_layer.flattens && given.dim() > 2;
        // Bytes in channels-last order are put in order while they are converted.
        const bool reorders = flattens && given.dim() == 4 && given.is_contiguous(at::MemoryFormat::ChannelsLast) && !given.is_contiguous();
        const at::Tensor input = reorders ? given : given.contiguous();
        std::vector<std::int64_t> sizes = input.sizes().vec();
        if (flattens) sizes.resize(2);
        sizes.back() = shape.outChannels;
        at::Tensor result = emptyResult(sizes, at::MemoryFormat::Contiguous);
        const auto* bytes = static_cast<const std::uint8_t*>(input.const_data_ptr());
        const std::int64_t channels = reorders ? input.size(1) : 1;
        multiplyRows<Element>(result, scales, [&](std::int64_t first, std::int64_t rows, Rows<Element>& converted) {
            converted.zeroPoint = {zeroPoint};
            convertRows(bytes + first * shape.inChannels, rows, channels, zeroPoint, converted);
        });
        return result;
    }

    /// A linear layer of which each row brings its own scale and zero point.
    template<class Element>
    at::Tensor multiplyPerToken(const at::Tensor& given) const {
        const at::Tensor input = given.to(at::kFloat).contiguous();
        std::vector<std::int64_t> sizes = input.sizes().vec();
        sizes.back() = m_weights.shape().outChannels;
        at::Tensor result = emptyResult(sizes, at::MemoryFormat::Contiguous);
        const std::int64_t features = m_weights.shape().inChannels;
        const auto* values = input.const_data_ptr<float>();
        multiplyRows<Element>(result, m_scales, [&](std::int64_t first, std::int64_t rows, Rows<Element>& converted) {
            converted.factor.resize(static_cast<std::size_t>(rows));
            converted.rowZeroPoint.resize(static_cast<std::size_t>(rows));
            converted.zeroPoint.perRow = converted.rowZeroPoint.data();
            auto* out = scratch<Element>(rows * features + int8ReadAhead);
            converted.elements = out;
            std::fill_n(out + rows * features, int8ReadAhead, Element{0});
            for (std::int64_t row = 0; row < rows; ++row, out += features) {
                const float* from = values + (first + row) * features;
                const TokenGrid grid = chooseTokenGrid(from, features);
                const std::int32_t zeroPoint = grid.zeroPoint + 128;
                quantizeInto(from, features, grid.scale, zeroPoint, out);
                converted.factor[static_cast<std::size_t>(row)] = grid.scale;
                converted.rowZeroPoint[static_cast<std::size_t>(row)] = zeroPoint;
            }
        });
        return result;
    }

    static void quantizeInto(const float* values, std::int64_t count, float scale, std::int32_t zeroPoint, std::uint8_t* out) {
        quantizeFloats(values, count, 1.0f / scale, zeroPoint, 0, 255, out, int8Instructions());
    }
    static void quantizeInto(const float* values, std::int64_t count, float scale, std::int32_t zeroPoint, std::int16_t* out) {
        auto* const bytes = scratch<std::uint8_t>(count);
        quantizeInto(values, count, scale, zeroPoint, bytes);
        widen(bytes, count, zeroPoint, out);
    }

    /// Rows as the kernel wants them.
    template<class Element>
    struct Rows {
        const Element* elements = nullptr;
        Int8InputZeroPoint zeroPoint;
        std::vector<float> factor; ///< one for each row, or empty
        std::vector<std::int32_t> rowZeroPoint;
    };

    /// Rows that are converted together: their inputs stay in the nearest cache while all weights pass by once.
    static constexpr std::int64_t rowsAtOnce = 32;

    /// Multiplies the rows that `convertRows(first, rows, converted)` gives. Threads share the rows, or the channels when there are
    /// fewer rows than threads.
    template<class Element, class ConvertRows>
    void multiplyRows(at::Tensor& result, const Scales& scales, const ConvertRows& convertInto) const {
        const ConvolutionShape& shape = m_weights.shape();
        const Int8Output output = outputInto(result, scales);
        const std::int64_t count = shape.outChannels == 0 ? 0 : result.numel() / shape.outChannels;
        const std::int64_t features = shape.inChannels, blocks = m_weights.blocksPerGroup();
        const auto run = [&](const Rows<Element>& converted, std::int64_t first, std::int64_t rows, BlockRange range) {
            Int8Output part = advanced(output, first * shape.outChannels);
            if (!converted.factor.empty()) part.rowFactor = converted.factor.data();
            linearRows(m_weights, converted.elements, features, rows, range, converted.zeroPoint, part);
        };
        if (count < at::get_num_threads()) {
            Rows<Element> converted;
            if (count > 0) convertInto(0, count, converted);
            at::parallel_for(0, count > 0 ? blocks : 0, grain(count * features * m_weights.blockChannels()),
                             [&](std::int64_t begin, std::int64_t end) {
                                 run(converted, 0, count, {begin, end});
                             });
            return;
        }
        at::parallel_for(0, count, grain(features * shape.outChannels), [&](std::int64_t begin, std::int64_t end) {
            Rows<Element> converted;
            for (std::int64_t first = begin; first < end; first += rowsAtOnce) {
                const std::int64_t rows = std::min(rowsAtOnce, end - first);
                convertInto(first, rows, converted);
                run(converted, first, rows, {0, blocks});
            }
        });
    }

    template<class Element>
    void convertRows(const std::uint8_t* bytes, std::int64_t rows, std::int64_t channels, std::int32_t zeroPoint,
                     Rows<Element>& converted) const {
        const std::int64_t features = m_weights.shape().inChannels;
        if constexpr (std::is_same_v<Element, std::uint8_t>) {
            if (channels == 1 && m_weights.readsWholeSteps()) {
                converted.elements = bytes;
                return;
            }
        }
        auto* out = scratch<Element>(rows * features + int8ReadAhead);
        converted.elements = out;
        std::fill_n(out + rows * features, int8ReadAhead, Element{0});
        if (channels == 1) {
            convert(bytes, rows * features, zeroPoint, out);
            return;
        }
        const std::int64_t pixels = features / channels;
        const std::int32_t shift = std::is_same_v<Element, std::uint8_t> ? 0 : zeroPoint;
        for (std::int64_t row = 0; row < rows; ++row, bytes += features, out += features) {
            for (std::int64_t pixel = 0; pixel < pixels; ++pixel) {
                for (std::int64_t channel = 0; channel < channels; ++channel)
                    out[channel * pixels + pixel] = static_cast<Element>(bytes[pixel * channels + channel] - shift);
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
