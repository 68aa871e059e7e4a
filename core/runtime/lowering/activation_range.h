#pragma once

#include <optional>

#include <core/graph/graph.h>
#include <core/runtime/lowering/int8_layer.h>

namespace lathe::runtime {

/// The range that a node limits its first operand to: relu, relu6, hardtanh, clamp and clamp_min with constant bounds. Nothing for all
/// other nodes.
[[nodiscard]] std::optional<ActivationRange> activationRange(const graph::Node& node);

/// Both, one after the other.
[[nodiscard]] ActivationRange limited(const ActivationRange& first, const ActivationRange& second);

} // namespace lathe::runtime
