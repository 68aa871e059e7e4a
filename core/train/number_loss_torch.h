#pragma once

#include <ATen/core/Tensor.h>

namespace lathe::train {

/// Mean squared difference of as many numbers; `targets` may have another shape and type.
[[nodiscard]] at::Tensor squaredError(const at::Tensor& numbers, const at::Tensor& targets);

/// Mean of Huber's loss with δ = 1, as torch.nn.functional.huber_loss.
[[nodiscard]] at::Tensor huberLoss(const at::Tensor& numbers, const at::Tensor& targets);

} // namespace lathe::train
