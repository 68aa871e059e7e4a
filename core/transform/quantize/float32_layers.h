#pragma once

#include <string>
#include <vector>

#include <core/graph/graph.h>

namespace lathe::transform {

/// Lets layers of the main block whose weights are floats of another width (float16, bfloat16, float64) compute in float32, which is what
/// grids are of and integer kernels give: their input is converted, weight and bias are stored as float32, and what reads their result gets
/// it in the dtype that it had. What only moves values from one of them to the next (relu, pooling, flatten) and additions of two results
/// are taken along, so that integers may flow through. Others are left as they are. Linear in the size of the graph.
void computeInFloat32(graph::Graph& graph, const std::vector<std::string>& layers);

} // namespace lathe::transform
