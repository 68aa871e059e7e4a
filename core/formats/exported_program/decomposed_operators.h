#pragma once

#include <core/graph/graph.h>

namespace lathe::formats {

/// Puts operators that export has taken apart ("core ATen") together again, so that transforms and kernels know them:
/// - aten::_native_batch_norm_legit… of which only the first result is used → aten::batch_norm in evaluation;
/// - aten::addmm and aten::mm with a transposed matrix → aten::linear;
/// - aten::max_pool2d_with_indices of which only the first result is used → aten::max_pool2d;
/// - aten::_adaptive_avg_pool2d → aten::adaptive_avg_pool2d;
/// - aten::clone, alias, detach and lift_fresh_copy → nothing, when no operator of the graph works in place;
/// - aten::native_dropout in evaluation → nothing.
void recomposeOperators(graph::Graph& graph);

} // namespace lathe::formats
