#pragma once

#include <core/graph/graph.h>

namespace lathe::formats {

/// A model that returns one tuple of two tensors or more returns these tensors: several outputs, as exported programs and ONNX have them.
/// Tuples of something else stay as they are.
void returnElements(graph::Graph& graph);

} // namespace lathe::formats
