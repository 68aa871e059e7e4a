#pragma once

#include <algorithm>
#include <type_traits>

#include <ATen/core/Tensor.h>

#include <core/runtime/kernels/int8/convolution_layer_torch.h>
#include <core/runtime/kernels/padded_rows.h>
#include <core/runtime/kernels/parallel_torch.h>

namespace lathe::runtime {

/// A convolution over the rows of padded images. `Element` is what its kernel reads.
template<class Element>
class BandConvolution : public ConvolutionLayer {
public:
    using ConvolutionLayer::ConvolutionLayer;

protected:
    /// Rows of output pixels.
    struct Rows {
        std::int64_t count;
        std::int64_t distance; ///< elements of the image from the first input of a row's first pixel to that of the next row's
        std::int64_t pixels;   ///< of each
    };
    /// `image` is at the first input of the first row's first pixel.
    virtual void convolve(const Element* image, const Rows& rows, std::span<const std::int64_t> offsets, std::int32_t zeroPoint,
                          const Int8Output& output) const = 0;
    /// Of the kernel's positions or segments, for images with rows of `rowStride` elements.
    virtual void offsets(std::int64_t rowStride, std::vector<std::int64_t>& offsets) const = 0;
    /// Does the kernel read nothing behind the last input of a pixel?
    [[nodiscard]] virtual bool readsOnlyInputs() const = 0;

private:
    void convolveImages(const Images& images, const Int8Output& output) const final {
        const Window& window = shape().window;
        const std::int64_t outHeight = images.outHeight, outWidth = images.outWidth;
        const std::int64_t rowStride = (images.width + 2 * window.paddingWidth) * shape().inChannels;
        thread_local std::vector<std::int64_t> ownOffsets; // other threads have others of this name
        const std::vector<std::int64_t>& kernelOffsets = ownOffsets;
        offsets(rowStride, ownOffsets);
        const std::int64_t outRow = outWidth * shape().outChannels;
        const std::int64_t rowMacs = outRow * shape().productsPerResult();
        const std::int64_t inputBytes = rowStride * window.strideHeight * static_cast<std::int64_t>(sizeof(Element));
        const std::int64_t resultBytes = outRow * (output.bytes != nullptr ? 1 : static_cast<std::int64_t>(sizeof(float)));
        const std::int64_t bandRows = std::max<std::int64_t>(1, bandBytes() / std::max<std::int64_t>(1, inputBytes + resultBytes));
        // Threads share the output rows of all images; each pads the input rows that it needs, a band at a time.
        at::parallel_for(0, images.batch * outHeight, grainOf(rowMacs), [&](std::int64_t begin, std::int64_t end) {
            while (begin < end) {
                const std::int64_t index = begin / outHeight, first = begin % outHeight;
                const std::int64_t rows = std::min({end - begin, outHeight - first, bandRows});
                const Element* const band =
                    padded(images, index, first * window.strideHeight, (rows - 1) * window.strideHeight + window.reachHeight());
                convolve(band, {rows, window.strideHeight * rowStride, outWidth}, kernelOffsets, images.zeroPoint,
                         output.advanced(begin * outRow));
                begin += rows;
            }
        });
    }

    /// Of inputs and results. A band stays in the second cache, since it is gone through once for each block of channels; weights are gone
    /// through once for each band, and rows at its edge are padded once more.
    std::int64_t bandBytes() const {
        const std::int64_t weights = shape().outChannels * shape().productsPerResult();
        return std::clamp<std::int64_t>(weights, shape().window.pads() ? 1 << 17 : 1 << 16, 1 << 18);
    }

    /// Rows `first` to `first + count` of a padded image, in this thread's scratch memory; in the image itself where that is the same.
    const Element* padded(const Images& images, std::int64_t index, std::int64_t first, std::int64_t count) const {
        const Window& window = shape().window;
        const std::int64_t rowBytes = images.width * shape().inChannels;
        const std::uint8_t* const bytes = images.bytes + index * images.height * rowBytes;
        if constexpr (std::is_same_v<Element, std::uint8_t>) {
            if (!window.pads() && readsOnlyInputs()) return bytes + first * rowBytes;
        }
        const auto border = std::is_same_v<Element, std::uint8_t> ? static_cast<Element>(images.zeroPoint) : Element{0};
        const std::int64_t left = window.paddingWidth * shape().inChannels;
        auto* const band = scratch<Element>(count * (rowBytes + 2 * left) + int8ReadAhead);
        Element* const end =
            padRows({images.height, rowBytes, window.paddingHeight, left}, {first, first + count}, border, band,
                    [&](std::int64_t row, Element* to) { convertInputs(bytes + row * rowBytes, rowBytes, images.zeroPoint, to); });
        std::fill_n(end, int8ReadAhead, border);
        return band;
    }
};

/// The same for kernels that compute one row of output pixels after the other.
template<class Element>
class RowConvolution : public BandConvolution<Element> {
public:
    using BandConvolution<Element>::BandConvolution;

protected:
    /// `image` is at the first input of the row's first pixel.
    virtual void convolvePixels(const Element* image, std::span<const std::int64_t> offsets, std::int64_t pixels, std::int32_t zeroPoint,
                                const Int8Output& output) const = 0;

private:
    using typename BandConvolution<Element>::Rows;

    void convolve(const Element* image, const Rows& rows, std::span<const std::int64_t> offsets, std::int32_t zeroPoint,
                  const Int8Output& output) const final {
        Int8Output ofRow = output;
        for (std::int64_t row = 0; row < rows.count; ++row) {
            convolvePixels(image + row * rows.distance, offsets, rows.pixels, zeroPoint, ofRow);
            ofRow.advance(rows.pixels * this->shape().outChannels);
        }
    }
};

} // namespace lathe::runtime
