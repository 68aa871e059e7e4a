#pragma once

#include <torch/csrc/jit/ir/ir.h>

namespace lathe::formats {

/// Objects that a model makes while it runs only to hold values (torchvision's ImageList) are resolved: what reads an attribute reads the
/// value that was last assigned to it. An object that is handed on as a whole, or assigned to in a branch or loop, stays as it is.
void dissolveObjects(torch::jit::Graph& graph);

} // namespace lathe::formats
