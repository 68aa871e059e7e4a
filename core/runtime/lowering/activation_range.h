#pragma once

#include <limits>
#include <optional>

#include <core/graph/graph.h>

namespace lathe::runtime {

/// What an activation behind a layer limits its result to: relu is 0 … ∞, relu6 0 … 6.
struct ActivationRange {
    float low = -std::numeric_limits<float>::infinity();
    float high = std::numeric_limits<float>::infinity();
    bool operator==(const ActivationRange&) const = default;
};

/// The range that a node limits its first operand to: relu, relu6, hardtanh, clamp and clamp_min with constant bounds. Nothing for all
/// other nodes.
[[nodiscard]] std::optional<ActivationRange> activationRange(const graph::Node& node);

/// Both, one after the other.
[[nodiscard]] ActivationRange limited(const ActivationRange& first, const ActivationRange& second);

} // namespace lathe::runtime
