#pragma once

#include <core/steps/step_definition.h>

namespace lathe::steps {

/// Trains the model as it is now on the training data, to win back what other steps lost (train/finetune.h). Figures: epochs, final_loss.
/// Before it runs, only that it cannot change anything can be foretold.
[[nodiscard]] StepDefinition finetune();

} // namespace lathe::steps
