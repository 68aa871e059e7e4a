#include <core/transform/fuse/conv_relu.h>

#include <core/graph/operators/names.h>
#include <core/transform/fuse/relu.h>

namespace lathe::transform {

int fuseConvRelu(graph::Graph& graph) { return fuseRelu(graph, graph::op::conv2d, graph::op::conv2dRelu); }

} // namespace lathe::transform
