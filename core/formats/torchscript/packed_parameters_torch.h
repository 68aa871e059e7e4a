#pragma once

#include <optional>
#include <vector>

#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>

namespace lathe::formats {

/// What a layer that PyTorch quantized keeps in one opaque object: the counterpart of packLinear and packConv2d.
struct PackedParameters {
    at::Tensor weight; ///< quantized (qint8), or float16 and float32 where only the storage is 16-bit
    std::optional<at::Tensor> bias;
    /// Of convolutions; one-dimensional ones are packed as two-dimensional ones of height 1.
    std::vector<std::int64_t> stride, padding, outputPadding, dilation;
    std::int64_t groups = 1;
    bool isTransposed = false;
};

/// Nothing for values that are not the packed parameters of a linear layer or a convolution. May throw what torch throws.
/// Source: aten/src/ATen/native/quantized/PackedParams.h.
[[nodiscard]] std::optional<PackedParameters> unpackParameters(const c10::IValue& value);

/// The scales and zero points of a quantized tensor; one, or one for each index along `axis`.
struct QuantizedParts {
    at::Tensor integers; ///< int8, uint8 or int32, contiguous
    std::vector<double> scales;
    std::vector<std::int64_t> zeroPoints;
    std::optional<std::int64_t> axis;
};

/// Nothing for tensors whose scales and zero points do not fit their shape, which PyTorch does not check when it reads a file, and for
/// element types of less than eight bits or with zero points that are no whole numbers.
[[nodiscard]] std::optional<QuantizedParts> takeApart(const at::Tensor& quantized);

} // namespace lathe::formats
