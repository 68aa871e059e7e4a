#pragma once

#include <core/graph/graph.h>

namespace lathe::runtime {

/// May this image (the float result of a node, in a lowered graph) lie in channels-last order? So it may when all that read it, and what
/// they make of it, are operators that work in either order, up to a quantization or a layer of bytes. Others, `view` first of all, want
/// the usual order; so do outputs of the model and operators that are not known here.
[[nodiscard]] bool mayBeChannelsLast(const graph::UseIndex& uses, graph::ValueId value);

} // namespace lathe::runtime
