#pragma once

#include <vector>

#include <core/transform/sparsify/input_moment.h>
#include <core/transform/sparsify/sparsity_pattern.h>

namespace lathe::transform {

/// Prunes a layer and moves the weights that stay so that it computes nearly the same on the samples (E. Frantar and D. Alistarh,
/// SparseGPT: Massive Language Models Can Be Accurately Pruned in One-Shot, ICML 2023, arXiv:2301.00774).
///
/// Column by column, the error of setting w to zero is made up for by the columns behind it, δ = −w / [H⁻¹]cc · [H⁻¹]c,: with H = E x·xᵀ
/// plus a hundredth of its mean diagonal, and H⁻¹ of the columns that are still free, which are the rows of a Cholesky factor of the whole
/// inverse. Which weights go is chosen by w² / [H⁻¹]cc: of N:M for each M columns when they are reached, otherwise for each 128 columns
/// over all outputs of a group, ⌊ratio · n⌋ of their blocks in all; what reads only zeros first. `ratio` does not count for N:M.
///
/// `matrix` in the order of WeightRows; the moment has seen columns, with Detail::Moments. What goes is exactly 0.
[[nodiscard]] std::vector<float> sparseGpt(const WeightRows& rows, std::vector<float> matrix, const InputMoment& moment,
                                           const SparsityPattern& pattern, double ratio);

} // namespace lathe::transform
