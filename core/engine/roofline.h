#pragma once

#include <optional>
#include <span>
#include <string>

#include <core/graph/graph.h>
#include <core/graph/node_index.h>
#include <core/runtime/machine_limits.h>

namespace lathe::engine {

/// What an instruction has to do, however it does it.
struct InstructionWork {
    std::int64_t macs = 0;
    std::int64_t bytes = 0; ///< weights and what comes from and goes to other instructions, each once
    runtime::Products products = runtime::Products::Float32;
    bool operator==(const InstructionWork&) const = default;
};

/// The work of the nodes `covers` together, as they stand in the graph with its quantize and dequantize nodes, in one call of `batch`
/// samples. Nothing where a shape, a type or a count is not known.
[[nodiscard]] std::optional<InstructionWork> workOf(const graph::Graph& graph, const graph::UseIndex& uses, const graph::NodeIndex& nodes,
                                                    std::span<const std::string> covers, std::int64_t batch);

} // namespace lathe::engine
