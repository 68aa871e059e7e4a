#pragma once

#include <core/graph/graph.h>

namespace lathe::formats::onnx {

/// Finds grids of a part of a byte that are chosen while the model runs, as Lathe's own export writes them (DynamicQuantizeLinear has the
/// whole byte only):
///     l = Min(ReduceMin(x), 0), h = Max(ReduceMax(x), 0);   s = Max((h − l) / (high − low), epsilon)
///     z = Cast(Clip(low − Round(l / s), low, high));        q = Clip(QuantizeLinear(x, s, z), low, high)
/// in the lowered main block, and makes quantized_decomposed::choose_qparams and quantize_per_tensor of them. What is not of that form
/// stays as it is.
void recognizeDynamicGrids(graph::Graph& graph);

} // namespace lathe::formats::onnx
