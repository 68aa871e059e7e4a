#include <core/steps/clean_fold_constants.h>

#include <core/transform/clean/constant_folding.h>

namespace lathe::steps {

namespace {

base::Result<> apply(StepOutcome& outcome, const Step& /*step*/, StepContext& context) {
    if (context.isPreview()) {
        outcome.notes.push_back({"clean.computedWhenRun", {}});
        outcome.figures.erase("changed_nodes");
        return {};
    }
    const auto evaluate = [&](const graph::Graph& graph, const graph::Node& node) { return context.evaluate(graph, node); };
    const transform::FoldedConstants folded = transform::foldConstants(outcome.graph, evaluate, context.job());
    if (context.job().isCancelled()) return base::Job::cancelled();
    for (const auto& [node, reason] : folded.failures)
        outcome.note(node, {"clean.cannotCompute", {{"node", node}, {"reason", reason}}});
    outcome.figures["changed_nodes"] = folded.nodes;
    return {};
}

} // namespace

StepDefinition cleanFoldConstants() {
    return {
        .spec = {"clean.fold_constants", {}},
        .apply = &apply,
        .brief = [](const Step&) -> std::string { return "clean"; },
        .nothingChanged = {"clean.nothingToCompute", {}},
    };
}

} // namespace lathe::steps
