#pragma once

#include <core/graph/graph.h>

namespace lathe::formats {

/// Replaces in-place operators ("aten::relu_") by those that make a new tensor ("aten::relu") where nobody can tell the difference: what
/// they change was computed in the same block, and neither it nor a view of it is used afterwards but as their result. Later uses of the
/// changed value become uses of the result. Others stay as they are. Aliases are followed by the annotations of the operators' schemas.
void makeOperatorsPure(graph::Graph& graph);

} // namespace lathe::formats
