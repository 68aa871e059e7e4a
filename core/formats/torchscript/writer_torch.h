#pragma once

#include <torch/csrc/jit/api/module.h>

#include <core/base/result.h>
#include <core/graph/graph.h>

namespace lathe::formats {

/// The graph as a module in memory: what writeTorchScript writes. Shares the weights' bytes where it can.
[[nodiscard]] base::Result<torch::jit::Module> buildModule(const graph::Graph& graph);

} // namespace lathe::formats
