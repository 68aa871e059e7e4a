#pragma once

#include <string>
#include <vector>

#include <core/graph/graph.h>

namespace lathe::transform {

/// A sum x + f(x) of tensors of the same shape, in the main block: without f it is x.
struct ResidualBlock {
    std::string name;                ///< the module that the branch's nodes have in common ("layer1.1"), or of the sum where they have none
    std::string sum;                 ///< the node that adds
    graph::ValueId stream = -1;      ///< x
    graph::ValueId result = -1;      ///< x + f(x)
    std::vector<std::string> branch; ///< the nodes of f that depend on x, in execution order
};

/// All of them, in execution order; names are unique ("blocks.0", "blocks.0 (2)"). Sums with a projection on the other side (x is not an
/// operand as it is), with a factor, or of values whose shapes are not known or differ are none. Takes time for the branches only.
[[nodiscard]] std::vector<ResidualBlock> residualBlocks(const graph::Graph& graph);

/// Without their branches, which may be behind and within each other: whoever read a sum then reads what is in front of it. What only the
/// branches needed goes.
void dropBranches(graph::Graph& graph, const std::vector<ResidualBlock>& dropped);

} // namespace lathe::transform
