#pragma once

#include <algorithm>
#include <type_traits>
#include <utility>
#include <vector>

#include <ATen/DimVector.h>
#include <ATen/core/Tensor.h>

#include <core/runtime/kernels/int8/lathe_layer_torch.h>
#include <core/runtime/kernels/parallel_torch.h>
#include <core/runtime/kernels/simulated/qdq_torch.h>

namespace lathe::runtime {

/// A row by its own range, as runtime::quantizeToken() has it.
inline TokenGrid quantizeInto(const float* row, std::int64_t count, std::uint8_t* out) { return quantizeToken(row, count, out); }
/// The same, widened.
inline TokenGrid quantizeInto(const float* row, std::int64_t count, std::int16_t* out) {
    auto* const bytes = scratch<std::uint8_t>(count);
    const TokenGrid grid = quantizeToken(row, count, bytes);
    widen(bytes, count, grid.zeroPoint, out);
    return grid;
}

/// A linear layer over rows. `Element` is what its kernel reads, linearRows() of its `Weights`.
template<class Element, class Weights>
class RowLinear final : public LatheLayer {
public:
    RowLinear(const Int8Layer& layer, Weights weights, const at::Tensor& bias)
        : LatheLayer(layer, weights.shape(), bias), m_weights(std::move(weights)) {}

    std::string_view instructions() const override { return nameOf(m_weights.instructions()); }

private:
    at::Tensor runBytes(const at::Tensor& given, std::int32_t zeroPoint, const Scales& scales, const at::Tensor& residual) const override {
        const bool flattens = layer().flattens && given.dim() > 2;
        // Bytes in channels-last order are put in order while they are converted.
        const bool reorders = flattens && given.dim() == 4 && given.is_contiguous(at::MemoryFormat::ChannelsLast) && !given.is_contiguous();
        const at::Tensor input = reorders ? given : given.contiguous();
        at::DimVector sizes(input.sizes());
        if (flattens) sizes.resize(2);
        const auto* bytes = static_cast<const std::uint8_t*>(input.const_data_ptr());
        const std::int64_t channels = reorders ? input.size(1) : 1;
        return multiply(sizes, scales, residual, [&](std::int64_t first, std::int64_t rows, Rows& converted) {
            converted.zeroPoint = {zeroPoint};
            convertRows(bytes + first * shape().inChannels, rows, channels, zeroPoint, converted);
        });
    }

    at::Tensor runPerToken(const at::Tensor& given, const at::Tensor& residual) const override {
        const at::Tensor input = given.to(at::kFloat).contiguous();
        const std::int64_t features = shape().inChannels;
        const auto* values = input.const_data_ptr<float>();
        return multiply(at::DimVector(input.sizes()), scales(), residual, [&](std::int64_t first, std::int64_t rows, Rows& converted) {
            converted.factor.resize(static_cast<std::size_t>(rows));
            converted.rowZeroPoint.resize(static_cast<std::size_t>(rows));
            converted.zeroPoint.perRow = converted.rowZeroPoint.data();
            Element* out = converted.reserve(rows * features);
            for (std::int64_t row = 0; row < rows; ++row, out += features) {
                const TokenGrid grid = quantizeInto(values + (first + row) * features, features, out);
                converted.factor[static_cast<std::size_t>(row)] = grid.scale;
                converted.rowZeroPoint[static_cast<std::size_t>(row)] = grid.zeroPoint;
            }
        });
    }

    /// Rows as the kernel wants them.
    struct Rows {
        const Element* elements = nullptr;
        Int8InputZeroPoint zeroPoint;
        std::vector<float> factor; ///< one for each row, or empty
        std::vector<std::int32_t> rowZeroPoint;

        /// This thread's memory for them.
        Element* reserve(std::int64_t count) {
            auto* const memory = scratch<Element>(count + int8ReadAhead);
            std::fill_n(memory + count, int8ReadAhead, Element{0});
            elements = memory;
            return memory;
        }
    };

    /// Rows that are converted together: their inputs stay in the nearest cache while all weights pass by once.
    static constexpr std::int64_t rowsAtOnce = 48;

    /// Multiplies the rows that `convert(first, rows, converted)` gives. `sizes` are those of the input. Threads share the rows, or the
    /// channels when there are fewer rows than threads.
    template<class Convert>
    at::Tensor multiply(at::DimVector sizes, const Scales& scales, const at::Tensor& added, const Convert& convert) const {
        sizes.back() = shape().outChannels;
        at::Tensor result = emptyResult(sizes, at::MemoryFormat::Contiguous);
        const at::Tensor residual = residualLike(result, added, at::MemoryFormat::Contiguous);
        const Int8Output output = outputInto(result, residual, scales);
        const std::int64_t features = shape().inChannels, outputs = shape().outChannels, blocks = m_weights.blocksPerGroup();
        const std::int64_t count = outputs == 0 ? 0 : result.numel() / outputs;
        const auto run = [&](const Rows& converted, std::int64_t first, std::int64_t rows, ItemRange range) {
            Int8Output part = output.advanced(first * outputs);
            if (!converted.factor.empty()) part.rowFactor = converted.factor.data();
            linearRows(m_weights, converted.elements, features, rows, range, converted.zeroPoint, part);
        };
        if (count > 0 && count < at::get_num_threads()) {
            Rows converted;
            convert(0, count, converted);
            at::parallel_for(0, blocks, grainOf(count * features * m_weights.blockChannels()), [&](std::int64_t begin, std::int64_t end) {
                run(converted, 0, count, {begin, end});
            });
            return result;
        }
        at::parallel_for(0, count, grainOf(features * outputs), [&](std::int64_t begin, std::int64_t end) {
            Rows converted;
            for (std::int64_t first = begin; first < end; first += rowsAtOnce) {
                const std::int64_t rows = std::min(rowsAtOnce, end - first);
                convert(first, rows, converted);
                run(converted, first, rows, {0, blocks});
            }
        });
        return result;
    }

    void convertRows(const std::uint8_t* bytes, std::int64_t rows, std::int64_t channels, std::int32_t zeroPoint, Rows& converted) const {
        const std::int64_t features = shape().inChannels;
        constexpr bool readsBytes = std::is_same_v<Element, std::uint8_t>;
        if constexpr (readsBytes) {
            if (channels == 1 && m_weights.readsWholeSteps()) {
                converted.elements = bytes;
                return;
            }
        }
        Element* out = converted.reserve(rows * features);
        if (channels == 1) {
            convertInputs(bytes, rows * features, zeroPoint, out);
            return;
        }
        const std::int64_t pixels = features / channels;
        const std::int32_t shift = readsBytes ? 0 : zeroPoint;
        for (std::int64_t row = 0; row < rows; ++row, bytes += features, out += features) {
            for (std::int64_t pixel = 0; pixel < pixels; ++pixel) {
                for (std::int64_t channel = 0; channel < channels; ++channel)
                    out[channel * pixels + pixel] = static_cast<Element>(bytes[pixel * channels + channel] - shift);
            }
        }
    }

    Weights m_weights;
};

} // namespace lathe::runtime
