#include <ATen/ops/huber_loss.h>
#include <ATen/ops/mse_loss.h>

#include <core/train/number_loss_torch.h>

namespace lathe::train {

at::Tensor squaredError(const at::Tensor& numbers, const at::Tensor& targets) {
    return at::mse_loss(numbers, targets.reshape_as(numbers).to(numbers.scalar_type()));
}

at::Tensor huberLoss(const at::Tensor& numbers, const at::Tensor& targets) {
    return at::huber_loss(numbers, targets.reshape_as(numbers).to(numbers.scalar_type()));
}

} // namespace lathe::train
