#include <core/steps/share_tied.h>

#include <algorithm>
#include <map>
#include <set>

#include <core/graph/editor.h>
#include <core/graph/operands.h>
#include <core/graph/operators/conversion.h>
#include <core/graph/parameters.h>
#include <core/steps/parameters.h>
#include <core/steps/prune_parameters.h>
#include <core/transform/quantize/weight_error.h>
#include <core/transform/rewrite.h>
#include <core/transform/share/alike_weights.h>

namespace lathe::steps {

namespace {

using graph::ValueId;

constexpr NumberParameter tolerance{"tolerance", 0, 0, 1};

/// Weights that may become one with others, in the order of their first readers, with the names of these.
struct Candidates {
    std::vector<ValueId> weights;
    std::map<ValueId, std::string> readers;
};

Candidates findCandidates(StepOutcome& outcome, const Step& step) {
    constexpr std::int64_t fewest = 16; // a smaller one is a constant of the computation
    const graph::Graph& graph = outcome.graph;
    const std::vector<bool> isParameter = graph::parameters(graph);
    Candidates found;
    std::set<std::string> skipped;
    graph::forEachNode(graph, [&](const graph::Node& node) {
        for (const graph::Operand& operand : node.operands) {
            graph::forEachValue(operand, [&](ValueId id) {
                const graph::Value& value = graph.value(id);
                if (!isParameter[static_cast<std::size_t>(id)] || value.kind != graph::ValueKind::Weight) return;
                if (!graph::isFloatingPoint(value.data.dtype()) || value.data.elementCount() < fewest) return;
                if (std::ranges::count_if(value.data.shape(), [](std::int64_t size) { return size > 1; }) < 2) return;
                if (pruneSkip.of(step, node.name)) {
                    if (!skipped.insert(node.name).second) return;
                    fits(step.where, node.name) ? outcome.note(node.name, {"prune.skipped", {{"layer", node.name}}})
                                                : outcome.noteLeftOut(node.name);
                    return;
                }
                if (found.readers.emplace(id, node.name).second) found.weights.push_back(id);
            });
        }
    });
    return found;
}

/// All of them are the first from now on.
base::Result<> tie(StepOutcome& outcome, graph::Editor& editor, const Candidates& candidates, const std::vector<ValueId>& alike) {
    const ValueId first = alike.front();
    const tensor::Tensor data = outcome.graph.value(first).data;
    const bool isEqual = std::ranges::all_of(alike, [&](ValueId id) { return outcome.graph.value(id).data.sameContent(data); });
    if (!isEqual) {
        std::vector<std::vector<float>> before;
        for (const ValueId id : alike) {
            auto values = transform::finiteValues(outcome.graph.value(id));
            if (!values) return base::forward(values);
            before.push_back(std::move(*values));
        }
        transform::setNumbers(outcome.graph, first, transform::meanWeight(outcome.graph, alike));
        const std::vector<float> after = outcome.graph.value(first).data.toFloats();
        for (std::size_t at = 0; at < alike.size(); ++at)
            transform::weightError(before[at], after).writeTo(outcome.layers[candidates.readers.at(alike[at])]);
    }
    for (std::size_t at = 1; at < alike.size(); ++at) {
        const tensor::Tensor& own = outcome.graph.value(alike[at]).data;
        const bool wasOne = own.storage() == data.storage() && own.byteOffset() == data.byteOffset();
        editor.replaceUses(alike[at], first);
        if (wasOne) continue;
        const std::string& layer = candidates.readers.at(alike[at]);
        outcome.note(layer, {"share.tied", {{"layer", layer}, {"other", candidates.readers.at(first)}}});
        outcome.figures["changed_nodes"] += 1;
    }
    return {};
}

base::Result<> apply(StepOutcome& outcome, const Step& step, StepContext& context) {
    const Candidates candidates = findCandidates(outcome, step);
    graph::Editor editor(outcome.graph);
    for (const std::vector<ValueId>& alike : transform::alikeWeights(outcome.graph, candidates.weights, tolerance.of(step))) {
        if (context.job().isCancelled()) return base::Job::cancelled();
        if (auto result = tie(outcome, editor, candidates, alike); !result) return result;
    }
    editor.finish();
    return {};
}

std::string brief(const Step&) { return "tie weights"; }

} // namespace

StepDefinition shareTied() {
    return {
        .spec = {"share.tied", {tolerance.spec(), pruneSkip.spec()}},
        .apply = &apply,
        .brief = &brief,
        .nothingChanged = {"share.nothingTied", {}},
    };
}

} // namespace lathe::steps
