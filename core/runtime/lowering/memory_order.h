#pragma once

#include <vector>

#include <core/graph/graph.h>

namespace lathe::runtime {

/// By value of a lowered graph: may it, an image in floats, lie in channels-last order? So it may when all that read it, and what they make
/// of it, are operators that work in either order, up to a quantization or a layer of bytes. Others, `view` first of all, want the usual
/// order; so do outputs of the model and operators that are not known here. One pass over the graph.
[[nodiscard]] std::vector<bool> channelsLastValues(const graph::Graph& graph);

} // namespace lathe::runtime
