#pragma once

#include <core/steps/step_definition.h>

namespace lathe::steps {

/// Sets the weights with the smallest magnitude to zero, ⌊ratio · n⌋ of n exactly (S. Han et al., Learning both Weights and Connections for
/// Efficient Neural Networks, NeurIPS 2015). Scope "global" ranks all layers together, except those with a ratio of their own, which are
/// ranked alone as with scope "layer". Biases stay. Weights that several layers share are pruned once, under the name of the first. Shapes,
/// speed and file size do not change. Per layer: loss, sqnr_db, sparsity. Rejected for NaN weights and for layers that are already
/// quantized.
[[nodiscard]] StepDefinition pruneUnstructured();

} // namespace lathe::steps
