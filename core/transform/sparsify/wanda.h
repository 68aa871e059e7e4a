#pragma once

#include <span>
#include <vector>

#include <core/transform/sparsify/weight_rows.h>

namespace lathe::transform {

/// How much each weight matters by its size and that of what it is multiplied with: |w| · ‖x‖₂ over the samples (M. Sun et al., A Simple
/// and Effective Pruning Approach for Large Language Models, ICLR 2024, arXiv:2306.11695). To be compared within each output: the paper
/// finds that better than within the layer, and outputs differ in scale. `matrix` in the order of WeightRows; `squares` is the mean of x²,
/// [groups, columns] (InputMoment::squares).
[[nodiscard]] std::vector<double> wandaScores(const WeightRows& rows, std::span<const float> matrix, std::span<const double> squares);

} // namespace lathe::transform
