#include <core/transform/quantize/weight_only.h>

#include <core/transform/quantize/layer_weights.h>

namespace lathe::transform {

base::Result<> quantizeWeightOnly(StepOutcome& outcome, const recipe::Step& step, const base::Job& job) {
    const std::vector<std::string> layers = layersToQuantize(outcome, step);
    outcome.figures["changed_nodes"] = static_cast<double>(layers.size());
    return quantizeWeights(outcome, step, layers, job);
}

} // namespace lathe::transform
