#pragma once

#include <core/graph/graph.h>

namespace lathe::graph {

/// Is what a model gives for each sample the same whichever samples are beside it, so that a call may be done in several, of some samples
/// each? True where that follows from the graph: samples stand along the first dimension of all inputs and outputs, and every operator
/// between keeps apart what belongs to each, behind one another along the first dimension ([samples * k, …]). False where an operator
/// mixes samples (a grid chosen for the whole tensor, a mean over the batch), a size of the batch is a constant, a state is kept, or it is
/// not known: operators that the table does not know, control flow, shapes that nobody has written (runtime::annotateShapes).
[[nodiscard]] bool isBatchSeparable(const Graph& graph);

} // namespace lathe::graph
