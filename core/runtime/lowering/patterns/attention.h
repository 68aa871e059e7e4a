#pragma once

#include <vector>

#include <core/graph/operators/attention_chain.h>
#include <core/runtime/lowering/pattern.h>

namespace lathe::runtime {

/// The payload of attention nodes, whose operands are query, key, value, and mask and number where there are. Only in plans
/// whose kernels may round differently in the last bits.
struct Attention {
    bool isKeyTransposed = true; ///< (…, features, keys); else (…, keys, features)
    double factor = 1;           ///< multiplies the products of queries and keys
    bool hasMask = false, hasNumber = false;
    bool divides = false;           ///< the number divides, it does not multiply
    bool isBfloat16 = false;        ///< query, key and value are bfloat16, and the weights are rounded to it
    std::vector<graph::Node> nodes; ///< of the original graph, in order: what it stands for
};

/// softmax(query · keyᵀ · factor + mask) · value as one node, where the last product stands.
[[nodiscard]] Outcome lowerAttention(LoweringContext& context, const graph::Node& node);

} // namespace lathe::runtime
