#pragma once

#include <core/base/job.h>
#include <core/base/result.h>
#include <core/recipe/recipe.h>
#include <core/transform/apply_step.h>

namespace lathe::transform {

/// Sets the weights with the smallest magnitude to zero, ⌊ratio · n⌋ of n exactly (S. Han et al., Learning both Weights and Connections for
/// Efficient Neural Networks, NeurIPS 2015). Scope "global" ranks all layers together, except those with a ratio of their own, which are
/// ranked alone as with scope "layer". Biases stay. Weights that several layers share are pruned once, under the name of the first. Shapes,
/// speed and file size do not change. Per layer: loss, sqnr_db, sparsity. Rejected for NaN weights and for layers that are already
/// quantized.
[[nodiscard]] base::Result<> pruneUnstructured(StepOutcome& outcome, const recipe::Step& step, const base::Job& job = {});

} // namespace lathe::transform
