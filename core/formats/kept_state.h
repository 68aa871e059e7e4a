#pragma once

#include <string>

#include <core/base/message.h>
#include <core/formats/pure_operators.h>
#include <core/graph/graph.h>

namespace lathe::formats {

/// makeOperatorsPure and makeViewWritesPure for a graph whose keep_state nodes (graph/state.h) stand at its end: what a buffer was turned
/// into by operators that write into it is what they keep. Buffers that are kept so are not among the changes any more. State that no
/// output depends on (a count of calls, "has warned already") is left out with all that only computes it.
[[nodiscard]] StateChanges makePureAroundState(graph::Graph& graph, bool writesWeights);

/// A sentence on what the model keeps from call to call; the graph has keep_state nodes.
[[nodiscard]] base::Message stateNote(const graph::Graph& graph);

} // namespace lathe::formats
