#pragma once

#include <core/graph/graph.h>

namespace lathe::transform {

/// x · sigmoid(x) becomes silu(x), and x · hardsigmoid(x) hardswish(x), where nobody else reads the gate: files of ONNX have SiLU in two
/// parts, of which each would be rounded by itself. Main block only. Returns how many.
int joinGates(graph::Graph& graph);

} // namespace lathe::transform
