#include <core/steps/share_codebook.h>

#include <set>

#include <core/graph/editor.h>
#include <core/graph/layer_weight.h>
#include <core/graph/operators/conversion.h>
#include <core/graph/operators/names.h>
#include <core/graph/operators/operator.h>
#include <core/steps/left_out.h>
#include <core/steps/parameters.h>
#include <core/steps/prune_parameters.h>
#include <core/transform/quantize/weight_error.h>
#include <core/transform/rewrite.h>
#include <core/transform/share/share_weight.h>

namespace lathe::steps {

namespace {

using namespace std::string_view_literals;
using graph::ValueId;

constexpr IntegerParameter bits{"bits", 4, 2, 8, Reach::Layer};
enum class Scope { Tensor, Channel, Group };
constexpr WordChoice granularity{
    "granularity",
    std::array{std::pair{"tensor"sv, Scope::Tensor}, std::pair{"channel"sv, Scope::Channel}, std::pair{"group"sv, Scope::Group}},
    Reach::Layer};
constexpr IntegerParameter groupSize{"group_size", 32, 1, 1'000'000, Reach::Layer};

/// A layer with a float weight of its own.
struct Candidate {
    std::string layer;
    ValueId weight = -1;
};

std::vector<Candidate> findCandidates(StepOutcome& outcome, const Step& step) {
    const graph::Graph& graph = outcome.graph;
    const graph::UseIndex uses(graph);
    std::vector<Candidate> candidates;
    std::set<ValueId> seen;
    graph::forEachNode(graph, [&](const graph::Node& node) {
        if (!graph::isWeighted(node.op) && node.op != graph::op::embedding) return;
        const auto note = [&](const char* code) { outcome.note(node.name, base::Message(code, {{"layer", node.name}})); };
        if (pruneSkip.of(step, node.name)) {
            fits(step.where, node.name) ? note("prune.skipped") : outcome.noteLeftOut(node.name);
            return;
        }
        const auto info = graph::layerWeightOf(graph, uses, node);
        if (!info) return note("layer.weightIsComputed");
        if (info->lookup != nullptr) return note("share.alreadyShared");
        if (info->dequantize != nullptr) return note("quantize.alreadyQuantized");
        if (!graph::isFloatingPoint(graph.value(info->weight).data.dtype())) return note("layer.weightIsComputed");
        if (!seen.insert(info->weight).second) return note("share.sharesWeight");
        candidates.push_back({node.name, info->weight});
    });
    return candidates;
}

transform::SharedFormat formatFor(const Step& step, const std::string& layer) {
    transform::SharedFormat format{static_cast<int>(bits.of(step, layer)), 0};
    switch (granularity.of(step, layer)) {
    case Scope::Tensor:
        break;
    case Scope::Channel:
        format.rows = 1;
        break;
    case Scope::Group:
        format.rows = groupSize.of(step, layer);
        break;
    }
    return format;
}

base::Result<> share(StepOutcome& outcome, graph::Editor& editor, const Step& step, const Candidate& candidate) {
    const graph::Value& weight = outcome.graph.value(candidate.weight);
    const auto values = transform::finiteValues(weight);
    if (!values) return base::forward(values, {"while.sharing", {{"layer", candidate.layer}}});
    const std::int64_t before = weight.data.byteCount();
    const quantization::SharedWeight shared =
        transform::shareWeight(*values, weight.data.shape(), formatFor(step, candidate.layer), weight.data.dtype());
    if (const std::int64_t after = quantization::byteCount(shared); after >= before) {
        outcome.note(candidate.layer, {"share.wouldGrow", {{"layer", candidate.layer}, {"after", after}, {"before", before}}});
        return {};
    }
    auto& figures = outcome.layers[candidate.layer];
    transform::weightError(*values, quantization::restored(shared).toFloats()).writeTo(figures);
    figures["bits"] = shared.bits;
    figures["codebook_numbers"] = static_cast<double>(shared.codebooks.elementCount());
    quantization::insertLookup(editor, candidate.weight, shared);
    outcome.figures["changed_nodes"] += 1;
    return {};
}

base::Result<> apply(StepOutcome& outcome, const Step& step, StepContext& context) {
    const std::vector<Candidate> candidates = findCandidates(outcome, step);
    noteOtherWeights(outcome, Reaches::LayersAndTables, "share.otherWeights");
    graph::Editor editor(outcome.graph);
    double done = 0;
    for (const Candidate& candidate : candidates) {
        if (context.job().isCancelled()) return base::Job::cancelled();
        if (auto result = share(outcome, editor, step, candidate); !result) return result;
        context.job().report({.phase = "share", .fraction = ++done / static_cast<double>(candidates.size())});
    }
    editor.finish();
    if (outcome.figures["changed_nodes"] > 0) outcome.notes.push_back({"share.restoredOnce", {}});
    return {};
}

std::string brief(const Step& step) { return "share " + std::to_string(bits.of(step)) + "-bit"; }

} // namespace

StepDefinition shareCodebook() {
    return {
        .spec = {"share.codebook", {bits.spec(), granularity.spec(), groupSize.spec(), pruneSkip.spec()}},
        .apply = &apply,
        .brief = &brief,
        .nothingChanged = {"share.noWeight", {}},
    };
}

} // namespace lathe::steps
