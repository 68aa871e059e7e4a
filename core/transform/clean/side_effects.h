#pragma once

#include <core/graph/graph.h>

namespace lathe::transform {

/// Does running the node do more than compute its results: write into an operand, print, raise? Unknown `prim::` operators and operators of
/// other libraries count as such, so that nothing is ever removed by mistake. A node with blocks has the effects of the nodes in them.
[[nodiscard]] bool hasSideEffects(const graph::Node& node);

/// Does the operator draw random numbers, so that every run gives other results?
[[nodiscard]] bool isRandom(std::string_view op);

} // namespace lathe::transform
