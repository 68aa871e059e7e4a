#pragma once

#include <core/graph/graph.h>

namespace lathe::formats {

/// Makes a graph that was recorded while the model was training one of the model in evaluation, as Module.eval() would have done before:
/// batch norm takes its running statistics and no longer updates them, dropout does nothing.
void switchToEvaluation(graph::Graph& graph);

} // namespace lathe::formats
