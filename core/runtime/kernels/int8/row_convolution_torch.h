#pragma once

#include <algorithm>
#include <type_traits>

#include <ATen/core/Tensor.h>

#include <core/runtime/kernels/int8/lathe_layer_torch.h>
#include <core/runtime/kernels/parallel_torch.h>

namespace lathe::runtime {

/// A convolution over the rows of padded images. `Element` is what its kernel reads.
template<class Element>
class RowConvolution : public LatheLayer {
public:
    using LatheLayer::LatheLayer;

protected:
    /// One row of output pixels; `image` is at the first input of the row's first pixel.
    virtual void convolve(const Element* image, std::span<const std::int64_t> offsets, std::int64_t pixels, std::int32_t zeroPoint,
                          const Int8Output& output) const = 0;
    /// Of the kernel's positions or segments, for images with rows of `rowStride` elements.
    virtual void offsets(std::int64_t rowStride, std::vector<std::int64_t>& offsets) const = 0;
    /// Does the kernel read nothing behind the last input of a pixel?
    [[nodiscard]] virtual bool readsOnlyInputs() const = 0;

private:
    at::Tensor runBytes(const at::Tensor& given, std::int32_t zeroPoint, const Scales& scales, const at::Tensor& added) const final {
        const bool isOne = given.dim() == 3;
        constexpr auto channelsLast = at::MemoryFormat::ChannelsLast;
        const at::Tensor input = (isOne ? given.unsqueeze(0) : given).contiguous(channelsLast);
        const Window& window = shape().window;
        const Image image{input.size(2), input.size(3), zeroPoint};
        const std::int64_t outHeight = window.outHeight(image.height), outWidth = window.outWidth(image.width);
        at::Tensor result = emptyResult({input.size(0), shape().outChannels, outHeight, outWidth}, channelsLast);
        const at::Tensor residual = residualLike(result, isOne && added.defined() ? added.unsqueeze(0) : added, channelsLast);
        const Int8Output output = outputInto(result, residual, scales);
        const auto* bytes = static_cast<const std::uint8_t*>(input.const_data_ptr());

        const std::int64_t rowStride = (image.width + 2 * window.paddingWidth) * shape().inChannels;
        thread_local std::vector<std::int64_t> ownOffsets; // other threads have others of this name
        const std::vector<std::int64_t>& kernelOffsets = ownOffsets;
        offsets(rowStride, ownOffsets);
        const std::int64_t outRow = outWidth * shape().outChannels;
        const std::int64_t rowMacs = outRow * shape().inChannels / shape().groups * window.kernelHeight * window.kernelWidth;
        const std::int64_t bandRows = std::max<std::int64_t>(1, bandElements / std::max<std::int64_t>(1, rowStride * window.strideHeight));
        // Threads share the output rows of all images; each pads the input rows that it needs, a band at a time.
        at::parallel_for(0, input.size(0) * outHeight, grainOf(rowMacs), [&](std::int64_t begin, std::int64_t end) {
            while (begin < end) {
                const std::int64_t index = begin / outHeight, first = begin % outHeight;
                const std::int64_t rows = std::min({end - begin, outHeight - first, bandRows});
                const std::uint8_t* const from = bytes + index * image.height * image.width * shape().inChannels;
                const Element* const band = padded(from, image, first * window.strideHeight, (rows - 1) * window.strideHeight + reach());
                for (std::int64_t row = 0; row < rows; ++row) {
                    convolve(band + row * window.strideHeight * rowStride, kernelOffsets, outWidth, zeroPoint,
                             advanced(output, (begin + row) * outRow));
                }
                begin += rows;
            }
        });
        // Floats go to operators that may want rows in the usual order (view).
        if (!layer().output && (isOne || !layer().keepsChannelsLast)) result = result.contiguous();
        return isOne ? result.squeeze(0) : result;
    }

    struct Image {
        std::int64_t height, width;
        std::int32_t zeroPoint;
    };

    /// A band of padded rows stays in the second cache.
    static constexpr std::int64_t bandElements = 1 << 17;

    /// Input rows that one output row sees.
    std::int64_t reach() const { return (shape().window.kernelHeight - 1) * shape().window.dilationHeight + 1; }

    /// Rows `first` to `first + count` of the padded image, in this thread's scratch memory; in the image itself where that is the same.
    const Element* padded(const std::uint8_t* bytes, const Image& image, std::int64_t first, std::int64_t count) const {
        const Window& window = shape().window;
        const std::int64_t rowBytes = image.width * shape().inChannels;
        if constexpr (std::is_same_v<Element, std::uint8_t>) {
            if (window.paddingHeight == 0 && window.paddingWidth == 0 && readsOnlyInputs()) return bytes + first * rowBytes;
        }
        const auto border = std::is_same_v<Element, std::uint8_t> ? static_cast<Element>(image.zeroPoint) : Element{0};
        const std::int64_t left = window.paddingWidth * shape().inChannels;
        auto* const band = scratch<Element>(count * (rowBytes + 2 * left) + int8ReadAhead);
        Element* out = band;
        for (std::int64_t row = first - window.paddingHeight; row < first - window.paddingHeight + count; ++row) {
            if (row < 0 || row >= image.height) {
                out = std::fill_n(out, rowBytes + 2 * left, border);
                continue;
            }
            out = std::fill_n(out, left, border);
            convertInputs(bytes + row * rowBytes, rowBytes, image.zeroPoint, out);
            out = std::fill_n(out + rowBytes, left, border);
        }
        std::fill_n(out, int8ReadAhead, border);
        return band;
    }
};

} // namespace lathe::runtime
