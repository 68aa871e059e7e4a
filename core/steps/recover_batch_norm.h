#pragma once

#include <core/steps/step_definition.h>

namespace lathe::steps {

/// Finds the mean and variance of batch normalizations anew, as they are for the model that is there now: pruning, factorizing and rounding
/// move them. Each one normalizes by its batch while the samples run, and keeps the moments over all of them (Wu, Johnson 2021,
/// arXiv:2105.07576). No labels and no gradients are needed.
[[nodiscard]] StepDefinition recoverBatchNorm();

} // namespace lathe::steps
