#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include <core/graph/graph.h>

namespace lathe::graph {

/// Names that more than one folder needs. ATen operators are named with their overload ("aten::add.Tensor").
namespace op {
inline constexpr std::string_view conv2d = "aten::conv2d";        ///< (input, weight, bias?, stride[2], padding[2], dilation[2], groups)
inline constexpr std::string_view linear = "aten::linear";        ///< (input, weight, bias?)
inline constexpr std::string_view relu = "aten::relu";            ///< (input)
inline constexpr std::string_view batchNorm = "aten::batch_norm"; ///< (input, weight?, bias?, mean?, var?, training, momentum, eps, cudnn)
inline constexpr std::string_view embedding = "aten::embedding";  ///< (table, indices, padding, scale by frequency, sparse)
inline constexpr std::string_view maxPool2d = "aten::max_pool2d"; ///< (input, kernel, stride, padding, dilation, ceil)

/// Fused by transform/fuse: the operands of the first operator, then relu on the result.
inline constexpr std::string_view conv2dRelu = "lathe::conv2d_relu";
inline constexpr std::string_view linearRelu = "lathe::linear_relu";

/// QDQ, named and ordered as in PyTorch's decomposed quantization library, so that exports carry them unchanged.
/// (input, scale: float, zero_point: int, quant_min: int, quant_max: int, dtype: str) → integer tensor. dtype is one of our DType names.
inline constexpr std::string_view quantizePerTensor = "quantized_decomposed::quantize_per_tensor";
inline constexpr std::string_view dequantizePerTensor = "quantized_decomposed::dequantize_per_tensor";
/// (input, scales: Tensor f32[C], zero_points: Tensor i64[C], axis: int, quant_min, quant_max, dtype)
inline constexpr std::string_view quantizePerChannel = "quantized_decomposed::quantize_per_channel";
inline constexpr std::string_view dequantizePerChannel = "quantized_decomposed::dequantize_per_channel";
/// (input, quant_min, quant_max, eps: float, dtype) → (scale: Tensor f64[1], zero_point: Tensor i64[1]); the range of this very input
/// (dynamic).
inline constexpr std::string_view chooseQparams = "quantized_decomposed::choose_qparams.tensor";
inline constexpr std::string_view chooseQparamsSymmetric = "quantized_decomposed::choose_qparams_symmetric.tensor";
/// (input, scale: Tensor, zero_point: Tensor, quant_min, quant_max, dtype)
inline constexpr std::string_view quantizePerTensorDynamic = "quantized_decomposed::quantize_per_tensor.tensor";
inline constexpr std::string_view dequantizePerTensorDynamic = "quantized_decomposed::dequantize_per_tensor.tensor";
/// One range for each row along the last dimension ("per token"), of this very input, on -128 … 127.
/// (input, dtype: "int8") → (scales: Tensor f64[…, 1], zero_points: Tensor i64[…, 1])
inline constexpr std::string_view chooseQparamsPerToken = "quantized_decomposed::choose_qparams_per_token_asymmetric";
/// (input, scales: Tensor, zero_points: Tensor, quant_min, quant_max, dtype); dequantizing gives float32.
inline constexpr std::string_view quantizePerToken = "quantized_decomposed::quantize_per_token";
inline constexpr std::string_view dequantizePerToken = "quantized_decomposed::dequantize_per_token";
} // namespace op

/// conv1d/2d/3d, transposed convolution, linear and their fused forms: nodes that carry a weight which can be quantized or pruned.
[[nodiscard]] bool isConvolution(std::string_view op);
[[nodiscard]] bool isLinear(std::string_view op);
[[nodiscard]] bool isWeighted(std::string_view op);
[[nodiscard]] bool isQuantize(std::string_view op);
[[nodiscard]] bool isDequantize(std::string_view op);
/// Finds scales and zero points while the model runs.
[[nodiscard]] bool choosesQparams(std::string_view op);
/// Moves or compares values and computes no new ones (relu, max pooling, reshapes): the same on quantized integers as on the floats that
/// they stand for, so that such nodes run on bytes between quantized layers.
[[nodiscard]] bool keepsQuantization(std::string_view op);

/// Multiply-accumulate operations of one node for the batch in its shapes, from operand and result shapes; nothing when a shape is unknown.
/// A batch without a size (a symbol as the first dimension of the model's first input) counts as one sample.
/// Convolution, linear, matmul, bmm, addmm are counted, all others are 0 (as fvcore and ptflops do by default for MACs).
[[nodiscard]] std::optional<std::int64_t> macs(const Graph& graph, const Node& node);

/// What belongs to the weight of a conv/linear node, through a dequantize node if there is one.
struct WeightInfo {
    ValueId weight = -1; ///< the Weight value: float, or integer when quantized
    std::optional<ValueId> bias;
    const Node* dequantize = nullptr; ///< the node between weight and layer, when quantized
};
[[nodiscard]] std::optional<WeightInfo> weightOf(const Graph& graph, const UseIndex& uses, const Node& node);
/// The weight of a conv/linear node, or the table of an embedding: what people count as a layer.
[[nodiscard]] std::optional<WeightInfo> layerWeightOf(const Graph& graph, const UseIndex& uses, const Node& node);

} // namespace lathe::graph
