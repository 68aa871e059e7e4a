#pragma once

#include <vector>

#include <core/graph/graph.h>

namespace lathe::formats {

/// Names every node as people look for it, and its results after it ("conv1_out"):
/// - the first node that uses a module's parameters is called as that module ("layer1.0.conv1");
/// - so is the only node of a call of a module without submodules ("layer1.0.relu"), also when its weight is another module's (tied);
/// - other nodes are called by their operator within the module ("layer1.0.add"), those of the model itself by the operator alone ("relu").
/// A name that is taken gets a number ("relu_1"). `calls` numbers the module call that each node belongs to, in the order of
/// graph::forEachNode.
void nameNodes(graph::Graph& graph, const std::vector<int>& calls);

/// "relu" of "aten::relu_", "add" of "aten::add.Tensor", "list_construct" of "prim::ListConstruct".
[[nodiscard]] std::string shortName(std::string_view op);

} // namespace lathe::formats
