#include <core/steps/apply_step.h>

#include <algorithm>

#include <core/graph/layers.h>
#include <core/steps/step_definition.h>
#include <core/steps/step_table.h>

namespace lathe::steps {

namespace {

/// One note for all that a rule leaves out, instead of one each.
void noteRule(StepOutcome& outcome, const Step& step, const std::vector<std::string>& layers) {
    const auto out = std::ranges::count_if(layers, [&](const std::string& layer) { return !fits(step.where, layer); });
    if (out == 0) return;
    outcome.notes.push_back({"where.leavesOut", {{"layers", out}, {"all", layers.size()}}});
}

/// What holds for the whole graph, and the warning of a step that changed nothing.
void finishFigures(StepOutcome& outcome, const StepDefinition& definition) {
    outcome.figures["parameters_after"] = static_cast<double>(graph::parameterCount(outcome.graph));
    double loss = 0;
    for (const auto& [name, figures] : outcome.layers) {
        if (const auto found = figures.find("loss"); found != figures.end()) loss += found->second;
    }
    outcome.figures["loss_total"] = loss;
    const auto changed = outcome.figures.find("changed_nodes");
    const bool didNothing = changed != outcome.figures.end() && changed->second == 0;
    // What the step found out itself says more.
    if (didNothing && outcome.warnings.empty()) outcome.warnings.push_back(definition.nothingChanged);
}

} // namespace

base::Result<StepOutcome> applyStep(const graph::Graph& graph, const Step& step, StepContext& context) {
    const StepDefinition* definition = findStepDefinition(step.op);
    if (definition == nullptr) return base::failure(base::ErrorCode::InvalidArgument, {"recipe.isNoStep", {{"op", step.op}}});
    if (context.job().isCancelled()) return base::Job::cancelled();
    const std::vector<std::string> layers = step.where.empty() ? std::vector<std::string>{} : graph::layerNames(graph);
    const Step bound = steps::bound(step, layers);
    if (definition->needsData != nullptr && !context.isPreview() && context.data() == StepContext::Data::None) {
        if (const base::Message why = definition->needsData(bound); !why.empty())
            return base::failure(base::ErrorCode::InvalidArgument, why);
    }

    StepOutcome outcome{graph, {}, {}, {}};
    if (definition->rewritesGraph) {
        outcome.figures["changed_nodes"] = 0;
        outcome.figures["parameters_before"] = static_cast<double>(graph::parameterCount(graph));
    }
    if (auto result = definition->apply(outcome, bound, context); !result) return base::forward(result);
    if (context.job().isCancelled()) return base::Job::cancelled();
    noteRule(outcome, bound, layers);
    if (definition->rewritesGraph) {
        graph::compact(outcome.graph);
        finishFigures(outcome, *definition);
    }
    if (context.job().isCancelled()) return base::Job::cancelled();
    if (auto result = graph::verify(outcome.graph); !result) return base::forward(result);
    return outcome;
}

base::Result<StepOutcome> previewStep(const graph::Graph& graph, const Step& step, const base::Job& job, bool cpuHasVnni) {
    PreviewContext context(job, cpuHasVnni);
    return applyStep(graph, step, context);
}

std::string briefText(const Step& step) {
    const StepDefinition* definition = findStepDefinition(step.op);
    return definition == nullptr ? step.op : definition->brief(step);
}

} // namespace lathe::steps
