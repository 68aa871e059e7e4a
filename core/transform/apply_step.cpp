#include <core/transform/apply_step.h>

#include <algorithm>
#include <array>

#include <core/graph/layers.h>
#include <core/graph/ops.h>
#include <core/transform/clean/constant_folding.h>
#include <core/transform/clean/dead_code.h>
#include <core/transform/fuse/conv_batch_norm.h>
#include <core/transform/fuse/conv_relu.h>
#include <core/transform/fuse/linear_relu.h>
#include <core/transform/prune/dependency_groups.h>
#include <core/transform/prune/structured.h>
#include <core/transform/prune/unstructured.h>
#include <core/transform/quantize/activation_statistics.h> // StepServices holds functions over it
#include <core/transform/quantize/dynamic.h>
#include <core/transform/quantize/static.h>
#include <core/transform/quantize/weight_only.h>

namespace lathe::transform {

namespace {

base::Result<> count(StepOutcome& outcome, base::Result<int> changed) {
    if (!changed) return base::forward(changed);
    outcome.figures["changed_nodes"] = *changed;
    return {};
}

base::Result<> foldConstantsOf(StepOutcome& outcome, const StepServices& services, const base::Job& job) {
    if (!services.evaluate) {
        outcome.notes.emplace_back("Constants are computed when the recipe runs.");
        outcome.figures.erase("changed_nodes");
        return {};
    }
    const FoldedConstants folded = foldConstants(outcome.graph, services.evaluate, job);
    if (job.isCancelled()) return base::Job::cancelled();
    for (const auto& [node, reason] : folded.failures)
        outcome.note(node, "\"" + node + "\" cannot be computed ahead: " + reason);
    return count(outcome, folded.nodes);
}

/// One note for all that a rule leaves out, instead of one each.
void noteRule(StepOutcome& outcome, const recipe::Step& step, const std::vector<std::string>& layers) {
    const auto out = std::ranges::count_if(layers, [&](const std::string& layer) { return !recipe::fits(step.where, layer); });
    if (out == 0) return;
    outcome.notes.push_back("The rule of the step leaves " + std::to_string(out) + " of " + std::to_string(layers.size()) + " layers out.");
}

using Rule = base::Result<> (*)(StepOutcome&, const recipe::Step&, const StepServices&, const base::Job&);
struct Entry {
    std::string_view op;
    Rule apply;
};

/// All there is to a new rule: its files, a line in the recipe's table of steps, and a line here.
constexpr std::array rules{
    Entry{"fuse.conv_bn",
          [](auto& outcome, const auto&, const auto&, const auto&) { return count(outcome, foldBatchNorm(outcome.graph)); }},
    Entry{"fuse.conv_relu",
          [](auto& outcome, const auto&, const auto&, const auto&) { return count(outcome, fuseConvRelu(outcome.graph)); }},
    Entry{"fuse.linear_relu",
          [](auto& outcome, const auto&, const auto&, const auto&) { return count(outcome, fuseLinearRelu(outcome.graph)); }},
    Entry{"clean.fold_constants",
          [](auto& outcome, const auto&, const auto& services, const auto& job) { return foldConstantsOf(outcome, services, job); }},
    Entry{"clean.dead_code",
          [](auto& outcome, const auto&, const auto&, const auto&) { return count(outcome, removeDeadCode(outcome.graph)); }},
    Entry{"prune.unstructured",
          [](auto& outcome, const auto& step, const auto&, const auto& job) { return pruneUnstructured(outcome, step, job); }},
    Entry{"prune.structured",
          [](auto& outcome, const auto& step, const auto&, const auto& job) { return pruneStructured(outcome, step, job); }},
    Entry{"quantize.static", [](auto& outcome, const auto& step, const auto& services,
                                const auto& job) { return quantizeStatic(outcome, step, services, job); }},
    Entry{"quantize.dynamic", [](auto& outcome, const auto& step, const auto& services,
                                 const auto& job) { return quantizeDynamic(outcome, step, services, job); }},
    Entry{"quantize.weight_only",
          [](auto& outcome, const auto& step, const auto&, const auto& job) { return quantizeWeightOnly(outcome, step, job); }},
};

constexpr std::pair<std::string_view, const char*> nothing[] = {
    {"fuse.conv_bn", "Nothing to fold: no batch normalization stands directly behind a convolution or linear layer of its own."},
    {"fuse.conv_relu", "Nothing to fuse: no ReLU stands directly behind a convolution of its own."},
    {"fuse.linear_relu", "Nothing to fuse: no ReLU stands directly behind a linear layer of its own."},
    {"clean.fold_constants", "Nothing to compute: every operator depends on the input."},
    {"clean.dead_code", "Nothing to remove: every operator is needed."},
    {"prune.unstructured", "No weight was set to zero."},
    {"prune.structured", "No channel was removed."},
};

std::string nothingChanged(std::string_view op) {
    const auto found = std::ranges::find(nothing, op, &std::pair<std::string_view, const char*>::first);
    return found == std::end(nothing) ? "No layer was quantized." : found->second;
}

} // namespace

void StepOutcome::note(const std::string& layer, const std::string& sentence) {
    notes.push_back(sentence);
    layerNotes[layer].push_back(sentence);
}

void StepOutcome::noteLeftOut(const std::string& layer) {
    layerNotes[layer].push_back("The rule of the step leaves \"" + layer + "\" out.");
}

base::Result<StepOutcome> applyStep(const graph::Graph& graph, const recipe::Step& step, const StepServices& services,
                                    const base::Job& job) {
    const auto rule = std::ranges::find(rules, step.op, &Entry::op);
    if (rule == rules.end())
        return base::failure(base::ErrorCode::InvalidArgument, "\"" + step.op + "\" is not a step that rewrites the graph.");
    if (job.isCancelled()) return base::Job::cancelled();

    const std::string context = "in step " + step.op;
    StepOutcome outcome{graph, {}, {}, {}};
    outcome.figures["changed_nodes"] = 0;
    outcome.figures["parameters_before"] = static_cast<double>(graph::parameterCount(graph));
    const std::vector<std::string> layers = step.where.empty() ? std::vector<std::string>{} : graph::layerNames(graph);
    const recipe::Step bound = recipe::bound(step, layers);
    if (auto result = rule->apply(outcome, bound, services, job); !result) return base::forward(result, context);
    noteRule(outcome, bound, layers);
    graph::compact(outcome.graph);
    if (auto result = graph::verify(outcome.graph); !result) return base::forward(result, context);
    outcome.figures["parameters_after"] = static_cast<double>(graph::parameterCount(outcome.graph));
    double loss = 0;
    for (const auto& [name, figures] : outcome.layers) {
        if (const auto found = figures.find("loss"); found != figures.end()) loss += found->second;
    }
    outcome.figures["loss_total"] = loss;
    const auto changed = outcome.figures.find("changed_nodes");
    if (changed != outcome.figures.end() && changed->second == 0) {
        // What the rule found out itself says more.
        if (outcome.warnings.empty()) outcome.warnings.push_back(nothingChanged(step.op));
    }
    return outcome;
}

base::Result<StepOutcome> previewStep(const graph::Graph& graph, const recipe::Step& step, const base::Job& job) {
    if (step.op == "finetune") return StepOutcome{graph, {}, {}, {}}; // changes weights in ways that only training shows
    return applyStep(graph, step, {}, job);
}

base::Result<std::vector<std::string>> coupledLayers(const graph::Graph& graph, const std::string& layer) {
    for (const DependencyGroup& group : dependencyGroups(graph)) {
        if (std::ranges::find(group.producers, layer) == group.producers.end()) continue;
        if (!group.obstacle.empty()) {
            return base::failure(base::ErrorCode::Unsupported,
                                 "The channels of \"" + layer + "\" cannot be removed: " + group.obstacle + ".");
        }
        std::vector<std::string> coupled = group.affected;
        std::erase(coupled, layer);
        return coupled;
    }
    std::vector<std::string> known;
    for (const graph::Layer& candidate : graph::layers(graph))
        known.push_back(candidate.name);
    const std::string nearest = graph::nearestName(layer, known);
    return base::failure(base::ErrorCode::NotFound,
                         "The model has no layer \"" + layer + "\"" + (nearest.empty() ? "." : "; did you mean \"" + nearest + "\"?"));
}

} // namespace lathe::transform
