#pragma once

#include <set>
#include <string>

#include <torch/csrc/jit/ir/ir.h>

namespace lathe::formats {

/// Paths of attributes that a model assigns while it runs ("decoder.hidden").
struct AssignedState {
    std::set<std::string> kept; ///< assigned once, at the end of the graph
    std::set<std::string> lost; ///< lists and other things that the IR has no buffer for: each call begins with what is in the file
};

/// Makes values of the attributes that a flattened graph assigns while it runs (self.hidden = …): where one is read behind an assignment,
/// also one in a branch or a loop, the value that was assigned is taken. One assignment each is left, of what the next call begins with,
/// at the end of the graph.
AssignedState makeStateValues(torch::jit::Graph& graph);

} // namespace lathe::formats
