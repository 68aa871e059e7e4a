#pragma once

#include <core/base/result.h>
#include <core/formats/torchscript/jit_values_torch.h>
#include <core/graph/graph.h>

namespace lathe::formats {

/// Writes one quantize, dequantize or choose-parameters node as plain arithmetic (round, clamp, multiply), after the definitions in
/// PyTorch's torch/ao/quantization/fx/_decomposed.py: exact, in float. For everything that PyTorch has no quantized operator for. Errors:
/// Unsupported for per-channel parameters of a tensor of unknown rank.
[[nodiscard]] base::Result<> emitAsArithmetic(const graph::Graph& graph, const graph::Node& node, JitValues& values);

} // namespace lathe::formats
