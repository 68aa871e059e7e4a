#include <core/transform/quantize/weight_only.h>

#include <core/transform/quantize/layer_weights.h>

namespace lathe::transform {

base::Result<> quantizeWeightOnly(StepOutcome& outcome, const recipe::Step& step, const base::Job& job) {
    const std::vector<std::string> layers = layersToQuantize(outcome, step);
    if (auto result = quantizeWeights(outcome, step, layers, job); !result) return result;
    const auto embeddings = quantizeEmbeddings(outcome, step, job);
    if (!embeddings) return base::forward(embeddings);
    outcome.figures["changed_nodes"] = static_cast<double>(layers.size() + *embeddings);
    return {};
}

} // namespace lathe::transform
