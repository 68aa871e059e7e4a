#pragma once

#include <string>
#include <unordered_map>

#include <core/base/message.h>
#include <core/runtime/lowering/lower.h>

namespace lathe::runtime {

/// Lowers nothing: marks what is simulated, with `reason`.
[[nodiscard]] Lowered keepSimulated(const graph::Graph& graph, const base::Message& reason);

/// Marks what is left of quantization in a lowered graph as simulated, and says of each layer that has to do with it why it computes in
/// float. `refusals`, by name: what the pattern for such a layer said.
void explainSimulated(Lowered& lowered, const std::unordered_map<std::string, base::Message>& refusals);

} // namespace lathe::runtime
