#pragma once

#include <core/graph/graph.h>

namespace lathe::transform {

/// conv2d → relu becomes lathe::conv2d_relu where nothing else reads the convolution's result. Returns how many.
[[nodiscard]] int fuseConvRelu(graph::Graph& graph);

} // namespace lathe::transform
