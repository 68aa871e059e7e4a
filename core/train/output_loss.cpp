#include <ATen/TensorOperators.h>
#include <ATen/ops/log_sigmoid.h>
#include <ATen/ops/log_softmax.h>

#include <core/train/output_loss_torch.h>

namespace lathe::train {

at::Tensor classDivergence(const at::Tensor& student, const at::Tensor& teacher, std::int64_t classAxis, double temperature) {
    const at::Tensor from = at::log_softmax(teacher / temperature, classAxis), to = at::log_softmax(student / temperature, classAxis);
    return (from.exp() * (from - to)).sum(classAxis).mean() * (temperature * temperature);
}

at::Tensor truthDivergence(const at::Tensor& student, const at::Tensor& teacher, double temperature) {
    const at::Tensor from = teacher / temperature, to = student / temperature;
    const at::Tensor yes = from.sigmoid();
    const at::Tensor divergence =
        yes * (at::log_sigmoid(from) - at::log_sigmoid(to)) + (1 - yes) * (at::log_sigmoid(-from) - at::log_sigmoid(-to));
    return divergence.mean() * (temperature * temperature);
}

} // namespace lathe::train
