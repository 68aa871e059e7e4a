#pragma once

#include <string>
#include <vector>

#include <core/graph/graph.h>

namespace lathe::graph {

/// One tensor that a model returns.
struct ModelOutput {
    std::string key; ///< where it is in a dictionary: "scores", "boxes.0" of a list in one, "aux.scores" of a dictionary in one; else ""
    Operand operand; ///< usually a value
};

/// What the model returns, in order, out of tuples, lists and dictionaries as far as the graph shows what is in them: the order in which
/// runtime::tensorsOf finds the tensors. None is left out.
[[nodiscard]] std::vector<ModelOutput> modelOutputs(const Graph& graph, const UseIndex& uses);

/// What people call them: the key, else the name of the value; "" for what has none.
[[nodiscard]] std::vector<std::string> outputNames(const Graph& graph);

} // namespace lathe::graph
