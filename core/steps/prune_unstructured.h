#pragma once

#include <core/steps/step_definition.h>

namespace lathe::steps {

/// Sets the weights that matter least to zero: ⌊ratio · n⌋ of n exactly, or by `pattern` N of each M (2:4) or whole blocks (1x16), see
/// transform::SparsityPattern; N:M needs no ratio. Biases stay. Weights that several layers share are pruned once, under the name of the
/// first. Shapes, speed and the size of the weights in memory do not change. What is zero stays zero when the model is trained.
///
/// Criteria:
/// - "l1": the magnitude (S. Han et al., Learning both Weights and Connections for Efficient Neural Networks, NeurIPS 2015).
/// - "taylor": (g·w)², the sum over training samples with labels, as transform::taylor for channels (P. Molchanov et al., Importance
///   Estimation for Neural Network Pruning, CVPR 2019; with w² taken out that is the diagonal of the empirical Fisher matrix).
/// - "random": the control.
/// Of these scope "global" ranks all layers together, except those with a ratio or pattern of their own, which are ranked alone as with
/// scope "layer". The other two look at what layers read on `samples`, without labels, and have a scope of their own:
/// - "wanda": transform::wandaScores, within each output.
/// - "sparsegpt": transform::sparseGpt, within 128 columns of a layer; what stays is moved so that the outputs stay nearly the same.
/// Without real samples, or where what a layer reads is not known, they go by magnitude within each output, and it is said; SparseGPT of
/// layers with more than 8192 inputs (channels times places of the kernel) is Wanda.
///
/// Per layer: loss, sqnr_db, sparsity, and with samples output_error, the share of the outputs' energy that was lost. Rejected for NaN
/// weights, for layers that are already quantized, for patterns that are none.
[[nodiscard]] StepDefinition pruneUnstructured();

} // namespace lathe::steps
