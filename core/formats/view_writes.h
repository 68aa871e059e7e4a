#pragma once

#include <core/formats/pure_operators.h>
#include <core/graph/graph.h>

namespace lathe::formats {

/// Turns operators that write into a part of a tensor ("x[:, 0] = 1": a select and a fill_ of it) into such that make new tensors: the
/// written part, then what it is a part of with the part replaced (select_scatter, slice_scatter, the view turned back), up to the tensor
/// that it was made of. Values that look into the same memory are looked at anew where they are read afterwards. For what
/// makeOperatorsPure() leaves in place; of each block by itself. A tensor keeps its writes in place where the order of memory, a list or a
/// branch decides what else they change; the model then computes the same, but only TorchScript can say it.
///
/// Weights that the model writes into: their new value is used in the same run and not kept for the next (`changes`: from kept to dropped);
/// with `writesWeights` false they stay as they are.
void makeViewWritesPure(graph::Graph& graph, StateChanges& changes, bool writesWeights);

} // namespace lathe::formats
