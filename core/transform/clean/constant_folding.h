#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <core/base/job.h>
#include <core/base/result.h>
#include <core/graph/graph.h>

namespace lathe::transform {

/// Computes one node whose operands are all weights or literals.
using Evaluate = std::function<base::Result<std::vector<tensor::Tensor>>(const graph::Graph&, const graph::Node&)>;

struct FoldedConstants {
    int nodes = 0;                               ///< that were removed
    std::map<std::string, std::string> failures; ///< node → what `evaluate` said about it
};

/// Replaces nodes that only depend on weights and literals by their result, as a weight; a parameter if one of the weights was. Left alone
/// are operators with side effects or random results, quantize and dequantize nodes (folding them would undo the quantization), weights
/// that an in-place operator changes, nodes in the blocks of control flow, results over 1 MiB that take more memory than what they are
/// computed from, and what `evaluate` cannot compute. A cancelled job leaves the rest as it is.
FoldedConstants foldConstants(graph::Graph& graph, const Evaluate& evaluate, const base::Job& job = {});

} // namespace lathe::transform
