#pragma once

#include <unordered_set>

#include <core/graph/graph.h>

namespace lathe::transform {

/// Values that an operator writes into, or into whose memory one does through a view, a list or in a loop ("batch[i].copy_(image)"): what
/// is rounded where such a value is made is not what its readers would have got. Where it is not known what shares memory, it does. Not a
/// value that only the operator itself reads: of "conv → relu_" only the result goes on.
[[nodiscard]] std::unordered_set<graph::ValueId> writtenValues(const graph::Graph& graph);

} // namespace lathe::transform
