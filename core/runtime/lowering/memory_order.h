#pragma once

#include <vector>

#include <core/graph/graph.h>

namespace lathe::runtime {

struct Lowered;

/// By value of a lowered graph: may it, an image in floats, lie in channels-last order? So it may when all that read it, and what they make
/// of it, are operators that work in either order, up to a quantization or a layer of bytes. Others, `view` first of all, want the usual
/// order; so do outputs of the model and operators that are not known here. `throughConvolutions`: float layers (float_conv2d) read either
/// order and give their result in that which this function says; other float convolutions give theirs in the order of their image. One pass
/// over the graph.
[[nodiscard]] std::vector<bool> channelsLastValues(const graph::Graph& graph, bool throughConvolutions = false);

/// Lets layers and dequantize nodes of a lowered graph leave their float images in channels-last order where they may, and quantize nodes
/// bring theirs into it where only convolutions of bytes read them.
void keepChannelsLast(Lowered& lowered);

} // namespace lathe::runtime
