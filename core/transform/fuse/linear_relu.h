#pragma once

#include <core/graph/graph.h>

namespace lathe::transform {

/// linear → relu becomes lathe::linear_relu where nothing else reads the linear layer's result. Returns how many.
[[nodiscard]] int fuseLinearRelu(graph::Graph& graph);

} // namespace lathe::transform
