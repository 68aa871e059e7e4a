#pragma once

#include <optional>
#include <set>
#include <string>

#include <core/graph/graph.h>

namespace lathe::formats {

/// "aten::add.Tensor" of "aten::add_.Tensor" when there is such an operator; it takes the same operands.
[[nodiscard]] std::optional<std::string> pureName(const std::string& op);

/// Weights that the model changes while it runs.
struct StateChanges {
    std::set<graph::ValueId> dropped; ///< the new value is used in the same run, but no longer kept for the next
    std::set<graph::ValueId> kept;    ///< through a view that is also used otherwise: the operator stays in place
};

/// Replaces in-place operators ("aten::relu_") by those that make a new tensor ("aten::relu") where nobody can tell the difference: what
/// they change is an input, a weight or was computed in the same block, and neither it nor a view of it is used afterwards but as their
/// result. Later uses of the changed value become uses of the result. Others stay as they are. Aliases are followed by the annotations of
/// the operators' schemas.
StateChanges makeOperatorsPure(graph::Graph& graph);

} // namespace lathe::formats
