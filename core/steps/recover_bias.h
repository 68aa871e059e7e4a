#pragma once

#include <core/steps/step_definition.h>

namespace lathe::steps {

/// Moves the biases of layers and batch norms so that each of their channels has the mean that it has in the original model: pruning,
/// factorizing and rounding shift it (Nagel et al. 2019, arXiv:1906.04721). "data": the means are measured on samples, layer after layer,
/// each with those before it corrected, and a bias that would take the outputs (of classes: their probabilities) farther from the
/// original's stays; no labels are needed. "batch_norm": without data, the mean of a layer's input follows from the batch norm before it,
/// and the shift from the difference of the weights, for layers that have kept their shape. Channels that pruning has taken away are told
/// by the biases of those that are left.
[[nodiscard]] StepDefinition recoverBias();

} // namespace lathe::steps
