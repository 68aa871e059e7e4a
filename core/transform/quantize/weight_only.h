#pragma once

#include <core/base/job.h>
#include <core/recipe/recipe.h>
#include <core/transform/apply_step.h>

namespace lathe::transform {

/// Stores the weights of all convolution and linear layers as integers; they are dequantized when they are used, arithmetic stays float.
[[nodiscard]] base::Result<> quantizeWeightOnly(StepOutcome& outcome, const recipe::Step& step, const base::Job& job);

} // namespace lathe::transform
