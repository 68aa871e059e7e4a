#pragma once

#include <core/graph/graph.h>

namespace lathe::transform {

/// Removes nodes whose results nobody needs, and weights that only they used. Nodes with side effects (in-place operators, print, raise)
/// stay, with all they need. Returns the number of nodes removed, those in blocks of removed nodes not counted.
[[nodiscard]] int removeDeadCode(graph::Graph& graph);

} // namespace lathe::transform
