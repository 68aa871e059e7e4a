#pragma once

#include <optional>
#include <string>

#include <core/graph/graph.h>
#include <core/runtime/lowering/activation_range.h>
#include <core/runtime/onednn/packed_layer.h>

namespace lathe::runtime {

/// The function of one number that a node computes of its first operand with constant parameters, when a layer in front of it may do so
/// while it stores its result; nothing for all other nodes.
[[nodiscard]] std::optional<Elementwise> elementwiseOf(const graph::Node& node);

/// What limits a result to a range: relu where that is all; nothing when it limits nothing.
[[nodiscard]] std::optional<Elementwise> elementwiseOf(const ActivationRange& range);

/// Its name for people: "relu", "silu".
[[nodiscard]] std::string nameOf(const Elementwise& function);

} // namespace lathe::runtime
