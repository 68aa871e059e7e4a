#include <core/steps/prune_unstructured.h>

#include <algorithm>
#include <cmath>
#include <set>

#include <core/graph/layer_weight.h>
#include <core/graph/operators/operator.h>
#include <core/steps/left_out.h>
#include <core/steps/parameters.h>
#include <core/steps/prune_parameters.h>
#include <core/transform/prune/ranking.h>
#include <core/transform/quantize/weight_error.h>
#include <core/transform/rewrite.h>

namespace lathe::steps {

namespace {

using namespace std::string_view_literals;

enum class Criterion { L1, Random };
constexpr WordChoice criterion{"criterion", std::array{std::pair{"l1"sv, Criterion::L1}, std::pair{"random"sv, Criterion::Random}}};
enum class Scope { Global, Layer };
constexpr WordChoice scope{"scope", std::array{std::pair{"global"sv, Scope::Global}, std::pair{"layer"sv, Scope::Layer}}};

struct Candidate {
    std::string layer;
    graph::ValueId weight;
    std::vector<float> values;
    std::vector<double> scores;
    double ratio;
    std::vector<std::size_t> removed;
};

base::Result<std::vector<Candidate>> findCandidates(StepOutcome& outcome, const Step& step, const base::Job& job) {
    const bool isRandom = criterion.of(step) == Criterion::Random;
    const graph::UseIndex uses(outcome.graph);
    std::vector<const graph::Node*> nodes;
    graph::forEachNode(std::as_const(outcome.graph), [&](const graph::Node& node) { nodes.push_back(&node); });

    std::vector<Candidate> candidates;
    std::set<graph::ValueId> seen;
    for (const graph::Node* node : nodes) {
        if (job.isCancelled()) return base::Job::cancelled();
        const auto info = graph::weightOf(outcome.graph, uses, *node);
        if (!info || !seen.insert(info->weight).second) continue;
        if (pruneSkip.of(step, node->name)) {
            if (fits(step.where, node->name)) {
                outcome.note(node->name, {"prune.skipped", {{"layer", node->name}}});
            } else {
                outcome.noteLeftOut(node->name);
            }
            continue;
        }
        if (info->dequantize != nullptr) {
            return base::failure(base::ErrorCode::Rejected,
                                 "\"" + node->name + "\" is already quantized; move the pruning step before the quantization.");
        }
        auto values = transform::finiteValues(outcome.graph.value(info->weight));
        if (!values) return base::forward(values);
        Candidate candidate{node->name, info->weight, std::move(*values), {}, pruneRatio.of(step, node->name), {}};
        if (isRandom) {
            candidate.scores = transform::randomScores(node->name, candidate.values.size());
        } else {
            candidate.scores.assign(candidate.values.begin(), candidate.values.end());
            std::ranges::transform(candidate.scores, candidate.scores.begin(), [](double value) { return std::fabs(value); });
        }
        candidates.push_back(std::move(candidate));
    }
    return candidates;
}

/// Ranks the weights of all candidates as one long list.
void rankTogether(std::vector<Candidate*>& candidates, double ratio) {
    std::vector<double> scores;
    for (const Candidate* candidate : candidates)
        scores.insert(scores.end(), candidate->scores.begin(), candidate->scores.end());
    std::size_t first = 0;
    auto next = std::size_t{0};
    const std::vector<std::size_t> removed = transform::lowest(scores, transform::shareOf(ratio, scores.size()));
    for (Candidate* candidate : candidates) {
        const std::size_t end = first + candidate->scores.size();
        for (; next < removed.size() && removed[next] < end; ++next)
            candidate->removed.push_back(removed[next] - first);
        first = end;
    }
}

void apply(StepOutcome& outcome, const Candidate& candidate) {
    std::vector<float> pruned = candidate.values;
    for (const std::size_t i : candidate.removed)
        pruned[i] = 0;
    const transform::WeightError error = transform::weightError(candidate.values, pruned);
    const auto zeros = static_cast<double>(std::ranges::count(pruned, 0.0F));
    auto& figures = outcome.layers[candidate.layer];
    error.writeTo(figures);
    figures["sparsity"] = pruned.empty() ? 0 : zeros / static_cast<double>(pruned.size());
    if (candidate.removed.empty()) {
        outcome.note(candidate.layer, {"prune.keepsWeights", {{"layer", candidate.layer}}});
        return;
    }
    if (error.noise == 0) {
        outcome.note(candidate.layer, {"prune.weightsAreZero", {{"layer", candidate.layer}}});
        return;
    }
    const tensor::Tensor old = outcome.graph.value(candidate.weight).data;
    transform::setWeight(outcome.graph, candidate.weight, tensor::Tensor::of(old.shape(), pruned).to(old.dtype()));
    outcome.figures["changed_nodes"] += 1;
}

base::Result<> pruneWeights(StepOutcome& outcome, const Step& step, StepContext& context) {
    auto candidates = findCandidates(outcome, step, context.job());
    if (!candidates) return base::forward(candidates);
    noteOtherWeights(outcome, Reaches::Layers, "prune.otherWeights");
    const bool isGlobal = scope.of(step) == Scope::Global;
    const auto ratio = pruneRatio.of(step);

    std::vector<Candidate*> together;
    for (Candidate& candidate : *candidates) {
        if (isGlobal && candidate.ratio == ratio) {
            together.push_back(&candidate);
        } else {
            candidate.removed = transform::lowest(candidate.scores, transform::shareOf(candidate.ratio, candidate.scores.size()));
        }
    }
    rankTogether(together, ratio);
    for (const Candidate& candidate : *candidates) {
        if (context.job().isCancelled()) return base::Job::cancelled();
        apply(outcome, candidate);
    }
    return {};
}

std::string brief(const Step& step) { return "sparsify " + pruneBrief(criterion.word(step), step); }

} // namespace

StepDefinition pruneUnstructured() {
    return {
        .spec = {"prune.unstructured", {pruneRatio.spec(), criterion.spec(), scope.spec(), pruneSkip.spec()}},
        .apply = &pruneWeights,
        .brief = &brief,
        .nothingChanged = {"prune.noWeight", {}},
    };
}

} // namespace lathe::steps
