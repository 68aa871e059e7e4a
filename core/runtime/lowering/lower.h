#pragma once

#include <any>
#include <string>
#include <unordered_map>
#include <vector>

#include <core/base/message.h>
#include <core/graph/graph.h>
#include <core/graph/operators/names.h>

namespace lathe::runtime {

namespace op = graph::op;

/// What is known of a node of a lowered graph beside its operands.
struct LoweredNode {
    std::string op;                  ///< of the node in the original graph
    std::vector<std::string> covers; ///< names of all original nodes that it stands for
    base::Message reason;
    bool isSimulated = false; ///< float arithmetic on quantized values
    std::any payload;         ///< what its kernel computes: the struct of the pattern that made it (patterns/), such as Int8Layer
    std::string form{};       ///< what its time depends on beside the shapes of its inputs; empty: it is not known
};

/// A graph whose quantized layers are integer kernels. All value ids of the original stay valid.
struct Lowered {
    graph::Graph graph;
    std::unordered_map<std::string, LoweredNode> nodes; ///< by name; nodes that are as they were have no entry

    /// The payload of a node, nullptr when it has none of this type.
    template<class Payload>
    [[nodiscard]] const Payload* payload(const graph::Node& node) const {
        const auto found = nodes.find(node.name);
        return found == nodes.end() ? nullptr : std::any_cast<Payload>(&found->second.payload);
    }
};

/// Replaces dequantize → conv2d/linear (→ add of another value) (→ relu, relu6, clamp) → quantize by integer layers. Operators that only
/// move or compare values (max_pool2d, flatten, …), functions of one number, sums, products, means and concatenations run on the bytes in
/// between. Quantization is moved through those that move or compare, which is exact: they commute with a monotone function. What has no
/// integer kernel is left as it is, marked simulated, with a reason. Only the main block is lowered. Each of these is a pattern
/// (patterns/); this walks over the nodes and asks them in order.
/// `fusesFloatLayers`: float layers take in what follows them too, which rounds differently in the last bits.
[[nodiscard]] Lowered lower(const graph::Graph& graph, bool fusesFloatLayers = false);

} // namespace lathe::runtime
