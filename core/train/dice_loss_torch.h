#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

namespace lathe::train {

/// 1 − the mean over the classes of 2·Σp·t / (Σp + Σt), sums over all parts of the batch that count (countedParts), p the softmax of the
/// scores, t 1 at the label and 0 elsewhere (Milletari, Navab, Ahmadi 2016, arXiv:1606.04797). Classes of which the batch has none do not
/// count.
[[nodiscard]] at::Tensor diceLoss(const at::Tensor& scores, const at::Tensor& labels, std::int64_t classAxis);

} // namespace lathe::train
