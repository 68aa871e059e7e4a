#include <core/steps/step_outcome.h>

namespace lathe::steps {

void StepOutcome::note(const std::string& layer, const std::string& sentence) {
    notes.push_back(sentence);
    layerNotes[layer].push_back(sentence);
}

void StepOutcome::noteLeftOut(const std::string& layer) {
    layerNotes[layer].push_back("The rule of the step leaves \"" + layer + "\" out.");
}

} // namespace lathe::steps
