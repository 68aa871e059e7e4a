#pragma once

#include <optional>

#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>

#include <core/formats/torchscript/jit_values_torch.h>
#include <core/graph/graph.h>

namespace lathe::formats {

/// The 8-bit weight behind a dequantize node as PyTorch's quantized tensor (qint8, per tensor or per channel), bytes and parameters
/// unchanged but for the shift of unsigned weights by 128. Nothing when the node does not dequantize a stored 8-bit weight with stored
/// parameters.
[[nodiscard]] std::optional<at::Tensor> quantizedWeight(const graph::Graph& graph, const graph::Node& dequantize, JitValues& values);

/// The bias of a layer as float: none, a float weight, or a stored integer weight behind a dequantize node. The outer optional is empty for
/// anything else.
[[nodiscard]] std::optional<std::optional<at::Tensor>> floatBias(const graph::Graph& graph, const graph::UseIndex& uses,
                                                                 const graph::Operand& bias, JitValues& values);

/// What quantized::linear_prepack and quantized::conv2d_prepack make: the object that quantized layers take. Weights per channel of the
/// first axis.
[[nodiscard]] c10::IValue packLinear(const at::Tensor& weight, const std::optional<at::Tensor>& bias);
struct ConvolutionGeometry {
    std::vector<std::int64_t> stride, padding, dilation;
    std::int64_t groups = 1;
};
[[nodiscard]] c10::IValue packConv2d(const at::Tensor& weight, const std::optional<at::Tensor>& bias, const ConvolutionGeometry& geometry);

} // namespace lathe::formats
