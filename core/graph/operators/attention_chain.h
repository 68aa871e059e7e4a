#pragma once

#include <optional>
#include <vector>

#include <core/graph/operators/call.h>

namespace lathe::graph {

namespace op {
/// Only in graphs that were lowered for the runtime: what the nodes of an AttentionChain compute together.
inline constexpr std::string_view attention = "lathe::attention";
} // namespace op

/// softmax(query · keyᵀ · factor + mask) · value, as exporters and readers write it: matmul or bmm, perhaps a product with or a quotient by
/// one number, perhaps an addition, softmax along the last dimension, perhaps a rounding to bfloat16, matmul or bmm. Nothing else reads
/// what is in between. Or as one node, scaled_dot_product_attention, whose mask adds and hides nothing by position. A. Vaswani et al.,
/// Attention Is All You Need, 2017.
struct AttentionChain {
    ValueId query = -1, key = -1, value = -1;
    bool isKeyTransposed = true;    ///< (…, features, keys); else (…, keys, features)
    std::optional<ValueId> mask;    ///< is added; any shape that broadcasts
    double factor = 1;              ///< where it is a constant
    std::optional<ValueId> number;  ///< a tensor of one number that multiplies too
    bool divides = false;           ///< by that tensor
    bool roundsWeights = false;     ///< to bfloat16 (and back to float32), between softmax and the last product
    std::vector<const Node*> nodes; ///< in order, first and last product included
};

/// The chain that begins with `product`; nothing when it is another node or goes on otherwise.
[[nodiscard]] std::optional<AttentionChain> attentionFrom(const Graph& graph, const UseIndex& uses, const Node& product);
/// The chain that ends with `product`, or is one node.
[[nodiscard]] std::optional<AttentionChain> attentionTo(const Graph& graph, const UseIndex& uses, const Node& product);

} // namespace lathe::graph
