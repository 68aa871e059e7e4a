#pragma once

#include <core/graph/graph.h>

namespace lathe::formats {

/// Gives an operator one name where TorchScript has several for the same thing, so that transforms and kernels know only one:
/// - aten::_convolution (what tracing records) and aten::convolution (what export decomposes into) → aten::conv1d/2d/3d or
/// aten::conv_transpose…, when its literals say which;
/// - aten::conv2d.padding and aten::_convolution_mode (its trace) with "valid", or "same" with equal padding on both sides → aten::conv2d
/// (and 1d, 3d);
/// - dropout of every kind in evaluation mode → nothing.
void canonicalizeOperators(graph::Graph& graph);

} // namespace lathe::formats
