#include <core/steps/step_outcome.h>

namespace lathe::steps {

void StepOutcome::note(const std::string& layer, const base::Message& message) {
    notes.push_back(message);
    layerNotes[layer].push_back(message);
}

void StepOutcome::noteLeftOut(const std::string& layer) { layerNotes[layer].push_back({"where.leavesLayerOut", {{"layer", layer}}}); }

} // namespace lathe::steps
