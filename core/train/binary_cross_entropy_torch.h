#pragma once

#include <ATen/core/Tensor.h>

namespace lathe::train {

/// Mean binary cross-entropy of logits against labels of 0 and 1, of as many elements. `smoothing`: labels are drawn so far to ½.
/// `weights`: how much a yes counts, one for each column; undefined: as much as a no. As
/// torch.nn.functional.binary_cross_entropy_with_logits with pos_weight.
[[nodiscard]] at::Tensor binaryCrossEntropy(const at::Tensor& logits, const at::Tensor& labels, double smoothing,
                                            const at::Tensor& weights);

} // namespace lathe::train
