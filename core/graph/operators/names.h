#pragma once

#include <string_view>

/// Names of operators that code speaks of. ATen operators are named with their overload, as the dispatcher knows them ("aten::add.Tensor");
/// operands and facts of each stand in the table (operator.h).
namespace lathe::graph::op {

inline constexpr std::string_view conv2d = "aten::conv2d";
inline constexpr std::string_view linear = "aten::linear";
inline constexpr std::string_view embedding = "aten::embedding";
inline constexpr std::string_view batchNorm = "aten::batch_norm";
inline constexpr std::string_view relu = "aten::relu";
inline constexpr std::string_view reluInPlace = "aten::relu_";
inline constexpr std::string_view relu6 = "aten::relu6";
inline constexpr std::string_view hardtanh = "aten::hardtanh";
inline constexpr std::string_view sigmoid = "aten::sigmoid";
inline constexpr std::string_view tanh = "aten::tanh";
inline constexpr std::string_view gelu = "aten::gelu";
inline constexpr std::string_view silu = "aten::silu";
inline constexpr std::string_view hardswish = "aten::hardswish";
inline constexpr std::string_view leakyRelu = "aten::leaky_relu";
inline constexpr std::string_view elu = "aten::elu";
inline constexpr std::string_view clamp = "aten::clamp";
inline constexpr std::string_view clampMin = "aten::clamp_min";
inline constexpr std::string_view maxPool2d = "aten::max_pool2d";
inline constexpr std::string_view avgPool2d = "aten::avg_pool2d";
inline constexpr std::string_view add = "aten::add.Tensor";
inline constexpr std::string_view toDtype = "aten::to.dtype";
inline constexpr std::string_view addScalar = "aten::add.Scalar";
inline constexpr std::string_view where = "aten::where.self";
inline constexpr std::string_view flatten = "aten::flatten.using_ints";
inline constexpr std::string_view view = "aten::view";
inline constexpr std::string_view reshape = "aten::reshape";
inline constexpr std::string_view select = "aten::select.int";

/// Of TorchScript.
inline constexpr std::string_view ifElse = "prim::If";
inline constexpr std::string_view loop = "prim::Loop";
inline constexpr std::string_view listConstruct = "prim::ListConstruct";
inline constexpr std::string_view listUnpack = "prim::ListUnpack";
inline constexpr std::string_view tupleConstruct = "prim::TupleConstruct";
inline constexpr std::string_view tupleUnpack = "prim::TupleUnpack";
inline constexpr std::string_view tupleIndex = "prim::TupleIndex";
inline constexpr std::string_view dictConstruct = "prim::DictConstruct";
inline constexpr std::string_view constant = "prim::Constant";
inline constexpr std::string_view uncheckedCast = "prim::unchecked_cast";

/// Fused by transform/fuse: the operands of the first operator, then relu on the result.
inline constexpr std::string_view conv2dRelu = "lathe::conv2d_relu";
inline constexpr std::string_view linearRelu = "lathe::linear_relu";

/// QDQ, named and ordered as in PyTorch's decomposed quantization library, so that exports carry them unchanged.
inline constexpr std::string_view quantizePerTensor = "quantized_decomposed::quantize_per_tensor";
inline constexpr std::string_view dequantizePerTensor = "quantized_decomposed::dequantize_per_tensor";
inline constexpr std::string_view quantizePerChannel = "quantized_decomposed::quantize_per_channel";
inline constexpr std::string_view dequantizePerChannel = "quantized_decomposed::dequantize_per_channel";
/// The range of this very input (dynamic).
inline constexpr std::string_view chooseQparams = "quantized_decomposed::choose_qparams.tensor";
inline constexpr std::string_view chooseQparamsSymmetric = "quantized_decomposed::choose_qparams_symmetric.tensor";
inline constexpr std::string_view quantizePerTensorDynamic = "quantized_decomposed::quantize_per_tensor.tensor";
inline constexpr std::string_view dequantizePerTensorDynamic = "quantized_decomposed::dequantize_per_tensor.tensor";
/// One range for each row along the last dimension ("per token"), of this very input, on -128 … 127; dequantizing gives float32.
inline constexpr std::string_view chooseQparamsPerToken = "quantized_decomposed::choose_qparams_per_token_asymmetric";
inline constexpr std::string_view quantizePerToken = "quantized_decomposed::quantize_per_token";
inline constexpr std::string_view dequantizePerToken = "quantized_decomposed::dequantize_per_token";

/// Only in graphs that were lowered for the runtime. Bytes are quint8 tensors.
inline constexpr std::string_view quantizeBytes = "lathe::quantize_bytes";
inline constexpr std::string_view dequantizeBytes = "lathe::dequantize_bytes";
inline constexpr std::string_view maxPoolBytes = "lathe::max_pool2d_bytes";
inline constexpr std::string_view int8Layer = "lathe::int8_layer";
inline constexpr std::string_view floatConvolution = "lathe::float_conv2d";
inline constexpr std::string_view floatLinear = "lathe::float_linear";
inline constexpr std::string_view dequantizedWeight = "lathe::dequantized_weight"; ///< computed once, when compiled

/// PyTorch's functions that pack weights for FBGEMM; not in graphs that were read.
inline constexpr std::string_view conv2dPrepack = "quantized::conv2d_prepack";
inline constexpr std::string_view linearPrepack = "quantized::linear_prepack";

} // namespace lathe::graph::op
