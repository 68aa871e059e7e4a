#include <core/transform/fuse/linear_relu.h>

#include <core/graph/operators/names.h>
#include <core/transform/fuse/relu.h>

namespace lathe::transform {

int fuseLinearRelu(graph::Graph& graph) { return fuseRelu(graph, graph::op::linear, graph::op::linearRelu); }

} // namespace lathe::transform
