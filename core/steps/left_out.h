#pragma once

#include <set>
#include <string>

#include <core/steps/step_outcome.h>

namespace lathe::steps {

/// What a step can work on.
enum class Reaches {
    Layers,          ///< convolutions and linear layers
    LayersAndTables, ///< embeddings too
    Stored,          ///< whatever stores float matrices that it can name: recurrent layers too
};

/// Notes for each operator outside of what the step reaches that it leaves its weights as they are, and which: recurrent layers, matrix
/// products with a stored matrix, operators that nobody here knows. `code` is the sentence, with layer, op and weights. Not of operators
/// that lost some all the same (`changed`).
void noteOtherWeights(StepOutcome& outcome, Reaches reaches, const char* code, const std::set<std::string>& changed = {});

} // namespace lathe::steps
