#pragma once

#include <set>
#include <string>

#include <torch/csrc/jit/ir/ir.h>

namespace lathe::formats {

/// Makes values of the attributes that a flattened graph assigns while it runs (self.hidden = …): where one is read behind an assignment,
/// also one in a branch or a loop, the value that was assigned is taken, and the assignments go. Each run then begins with what the model
/// holds, and what it leaves behind is lost. Returns the paths of these attributes ("decoder.hidden").
std::set<std::string> makeStateValues(torch::jit::Graph& graph);

} // namespace lathe::formats
