#pragma once

#include <core/graph/graph.h>

namespace lathe::formats::onnx {

/// Finds the dynamic int8 layers that ONNX Runtime's quantize_dynamic and Lathe's own export write as
///     DynamicQuantizeLinear(x) → q, s, z;   MatMulInteger(q, W, z, w) → Cast → Mul(·, Mul(s, t)) [→ Add bias]
/// in the lowered main block, and makes linear layers with QDQ of them, which run in integer kernels and are layers of the model. What is
/// not of that form stays as it is.
void recognizeIntegerLayers(graph::Graph& graph);

} // namespace lathe::formats::onnx
