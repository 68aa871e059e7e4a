#pragma once

#include <string>
#include <vector>

#include <core/base/result.h>
#include <core/graph/graph.h>

namespace lathe::transform {

/// Layers that must shrink together with `layer` when its output channels are pruned (its dependency group), by name, `layer` excluded:
/// what the window outlines. Errors: NotFound; Unsupported with the reason when the channels cannot be removed (for example: it feeds a
/// model output).
[[nodiscard]] base::Result<std::vector<std::string>> coupledLayers(const graph::Graph& graph, const std::string& layer);

} // namespace lathe::transform
