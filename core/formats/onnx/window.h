#pragma once

#include <core/formats/onnx/call.h>

namespace lathe::formats::onnx {

/// The attributes that convolution and pooling share: kernel_shape, strides, dilations, pads, auto_pad.
struct Window {
    Integers kernel, stride, dilation, padBegin, padEnd;
    bool isCeil = false;

    [[nodiscard]] std::size_t dimensions() const { return kernel.size(); }
    [[nodiscard]] bool isSymmetric() const { return padBegin == padEnd; }
    [[nodiscard]] bool hasPadding() const;
    /// Elements between the first and the last that a kernel covers, both included.
    [[nodiscard]] std::int64_t extent(std::size_t axis) const { return (kernel[axis] - 1) * dilation[axis] + 1; }
};

/// Reads them and makes numbers of auto_pad; `kernel` stands in where there is no kernel_shape. Refuses lists of the wrong length, sizes
/// below 1 and SAME padding whose amount depends on a size that is not known.
[[nodiscard]] Window readWindow(Call& call, ValueId input, const Integers& kernel);

/// The input with so many elements of `value` around it (N and C are left alone).
[[nodiscard]] ValueId padded(Call& call, ValueId input, const Integers& begin, const Integers& end, Operand value);

/// N, C and the spatial dimensions that result; unknown where the input's are.
[[nodiscard]] std::optional<std::vector<Dim>> windowShape(const Call& call, ValueId input, const Window& window,
                                                          std::optional<std::int64_t> channels);

/// A convolution with the attributes of the node; padding that is not equal on both sides becomes a node before it.
[[nodiscard]] ValueId convolve(Call& call, ValueId input, ValueId weight, Operand bias);

/// "aten::conv" + "2d".
[[nodiscard]] std::string dimensional(std::string_view op, std::size_t dimensions);

} // namespace lathe::formats::onnx
