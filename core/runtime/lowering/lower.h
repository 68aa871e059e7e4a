#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include <core/graph/graph.h>
#include <core/runtime/lowering/int8_layer.h>

namespace lathe::runtime {

/// Operators that only a lowered graph has. Bytes are quint8 tensors.
namespace op {
inline constexpr std::string_view quantizeBytes = "lathe::quantize_bytes";     ///< (float) → bytes; grid in Lowered::grids
inline constexpr std::string_view maxPoolBytes = "lathe::max_pool2d_bytes";    ///< (bytes, kernel[2], stride[2], padding[2], dilation[2])
inline constexpr std::string_view dequantizeBytes = "lathe::dequantize_bytes"; ///< (bytes) → float
inline constexpr std::string_view int8Layer = "lathe::int8_layer"; ///< (bytes or float, residual?) → bytes or float; Lowered::layers
inline constexpr std::string_view dequantizedWeight =
    "lathe::dequantized_weight"; ///< operands of a dequantize node: computed once, when compiled
} // namespace op

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
