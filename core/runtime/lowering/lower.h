#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include <core/graph/graph.h>
#include <core/graph/operators/names.h>
#include <core/runtime/lowering/int8_layer.h>

namespace lathe::runtime {

namespace op = graph::op;

/// Where a node of a lowered graph comes from.
struct Origin {
    std::string op;                  ///< of the node in the original graph
    std::vector<std::string> covers; ///< names of all original nodes that it stands for
    std::string reason;
    bool isSimulated = false; ///< float arithmetic on quantized values
};

/// A graph whose quantized layers are integer kernels. All value ids of the original stay valid; the tables are keyed by node name.
struct Lowered {
    graph::Graph graph;
    std::map<std::string, Origin> origins;
    std::map<std::string, Int8Layer> layers;
    std::map<std::string, ActivationGrid> grids;
    std::set<std::string> channelsLast; ///< dequantize_bytes nodes whose result may stay in that order
};

/// Replaces dequantize → conv2d/linear (→ add of another value) (→ relu, relu6, clamp) → quantize by integer layers, and lets operators
/// that only move or compare values (max_pool2d, relu, flatten, view, permute, …) run on the bytes in between. Quantization is moved
/// through those operators, which is exact because they commute with a monotone function. What has no integer kernel is left as it is,
/// marked simulated, with a reason. Only the main block is lowered.
[[nodiscard]] Lowered lower(const graph::Graph& graph);

/// Lowers nothing: marks what is simulated, with `reason`.
[[nodiscard]] Lowered keepSimulated(const graph::Graph& graph, const std::string& reason);

} // namespace lathe::runtime
