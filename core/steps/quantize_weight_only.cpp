#include <core/steps/quantize_weight_only.h>

#include <core/steps/layer_weights.h>
#include <core/steps/left_out.h>

namespace lathe::steps {

namespace {

base::Result<> apply(StepOutcome& outcome, const Step& step, StepContext& context) {
    const std::vector<std::string> layers = layersToQuantize(outcome, step);
    if (auto result = quantizeWeights(outcome, step, layers, context.job()); !result) return result;
    const auto embeddings = quantizeEmbeddings(outcome, step, context.job());
    if (!embeddings) return base::forward(embeddings);
    const auto recurrent = quantizeRecurrentLayers(outcome, step, context.job());
    if (!recurrent) return base::forward(recurrent);
    noteOtherWeights(outcome, Reaches::Stored, "quantize.otherWeights");
    outcome.figures["changed_nodes"] = static_cast<double>(layers.size() + *embeddings + *recurrent);
    return {};
}

} // namespace

StepDefinition quantizeWeightOnly() {
    return {
        .spec = {"quantize.weight_only", weightParameters()},
        .apply = &apply,
        .brief = [](const Step& step) { return "weights " + bitsText(step); },
        .nothingChanged = {"quantize.noLayer", {}},
    };
}

} // namespace lathe::steps
