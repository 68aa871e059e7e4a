#pragma once

#include <core/runtime/lowering/activation_range.h>
#include <core/runtime/lowering/pattern.h>
#include <core/runtime/lowering/qdq_nodes.h>

namespace lathe::runtime {

/// The payload of sum_bytes and product_bytes nodes: activation(left op right), with broadcasting.
struct BytePair {
    ActivationGrid left, right, output;
    ActivationRange activation;
};

/// A sum or product of two values that are bytes (→ relu, relu6, clamp), quantized again.
[[nodiscard]] Outcome lowerBytePair(LoweringContext& context, const graph::Node& node);

} // namespace lathe::runtime
