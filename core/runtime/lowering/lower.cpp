#include <core/runtime/lowering/lower.h>

#include <algorithm>

#include <core/runtime/lowering/lowering_context.h>
#include <core/runtime/lowering/memory_order.h>
#include <core/runtime/lowering/pattern.h>
#include <core/runtime/lowering/simulation.h>

namespace lathe::runtime {

Lowered lower(const graph::Graph& graph, bool fusesFloatLayers) {
    LoweringContext context(graph, fusesFloatLayers);
    std::unordered_map<std::string, base::Message> refusals;
    const auto isTaken = [&](const graph::Node& node) {
        return std::ranges::any_of(loweringPatterns(), [&](LoweringPattern pattern) {
            const Outcome outcome = pattern(context, node);
            if (!outcome.refusal().empty()) refusals[node.name] = outcome.refusal();
            return outcome.isTaken();
        });
    };
    for (const graph::Node& node : graph.main.nodes) {
        if (!context.isTakenIn(node) && !isTaken(node)) context.keep(node);
    }
    Lowered lowered = context.finish();
    keepChannelsLast(lowered);
    explainSimulated(lowered, refusals);
    return lowered;
}

} // namespace lathe::runtime
