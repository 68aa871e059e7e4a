#pragma once

#include <string>
#include <vector>

#include <core/graph/graph.h>

namespace lathe::formats {

/// Gives the inputs of the graph the names that callers know them by, in order; "" keeps a name, and so does another number of names. A
/// name that another value has gets a number.
void nameInputs(graph::Graph& graph, const std::vector<std::string>& names);

/// The same for what the graph returns, or for the elements of the only tuple that it returns: for values that nodes make and that are
/// returned once.
void nameOutputs(graph::Graph& graph, const std::vector<std::string>& names);

} // namespace lathe::formats
